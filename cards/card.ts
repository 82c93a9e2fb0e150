import { GlobalSettings, Template } from 'adaptivecards-templating';
import type { z } from 'zod';

/** An expanded Adaptive Card 1.5. Cards are plain JSON: whoever sends one needs nothing of this folder. */
export type Card = {
  readonly type: 'AdaptiveCard';
  readonly version: '1.5';
  readonly body: readonly object[];
  readonly [more: string]: unknown;
};

/** Teams takes more from bots, but 28 KB is what every surface takes (incoming webhooks and Power Automate included). */
export const maxCardBytes = 28 * 1024;

const marker = '${';

/** A button that votes gets 64 hex digits in this place before the card leaves (`seal`). */
const unsealed = /"card":""/g;
const bytesOf = (json: string): number => Buffer.byteLength(json) + 64 * (json.match(unsealed)?.length ?? 0);

// Left alone, the library prints a missing field as a literal `${field}`. The setting is global; nobody else uses it.
GlobalSettings.getUndefinedFieldValueSubstitutionString = (path) => {
  throw new TypeError(`the view has no ${path}`);
};

/**
 * Pairs a card template with the schema of the view it shows; the template is compiled once. The function returned
 * throws a ZodError when the view does not fit, a TypeError when the template names what the view lacks, and a
 * RangeError when the card is too large even with the `shorter` view.
 */
export function defineCard<View extends z.ZodType<object>>(name: string, template: object, schema: View) {
  const compiled = new Template(template);
  const render = (view: z.input<View>) => {
    const card: Card = compiled.expand({ $root: schema.parse(view) });
    const json = JSON.stringify(card);
    const at = json.indexOf(marker);
    // A value of the view may hold the marker itself: inputs show what people typed as it is.
    if (at >= 0 && !JSON.stringify(view).includes(marker))
      throw new TypeError(`card ${name}: ${json.slice(at, at + 60)} was left unfilled`);
    return { card, bytes: bytesOf(json) };
  };
  return (view: z.input<View>, shorter?: () => z.input<View>): Card => {
    const full = render(view);
    if (full.bytes <= maxCardBytes) return full.card;
    const { card, bytes } = shorter === undefined ? full : render(shorter());
    if (bytes <= maxCardBytes) return card;
    throw new RangeError(
      `card ${name} has ${bytes} bytes; at most ${maxCardBytes} are allowed: shorten its view`,
    );
  };
}
