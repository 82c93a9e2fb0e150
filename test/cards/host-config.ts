type Colors = {
  readonly page: string;
  readonly card: string;
  readonly text: string;
  readonly subtle: string;
  readonly line: string;
  readonly words: Readonly<Record<'accent' | 'good' | 'warning' | 'attention', string>>;
  readonly boxes: Readonly<Record<'emphasis' | 'accent' | 'good' | 'warning' | 'attention', string>>;
};

/** Colours close to those of the Teams client; the light ones were read off its test client. */
export const themes: Readonly<Record<'light' | 'dark', Colors>> = {
  light: {
    page: '#ebebeb',
    card: '#ffffff',
    text: '#242424',
    subtle: '#616161',
    line: '#d1d1d1',
    words: { accent: '#5b5fc7', good: '#92c353', warning: '#f8d22a', attention: '#c4314b' },
    boxes: {
      emphasis: '#f9f8f7',
      accent: '#c7def9',
      good: '#ccffcc',
      warning: '#ffe2b2',
      attention: '#ffc5b2',
    },
  },
  dark: {
    page: '#141414',
    card: '#292929',
    text: '#ffffff',
    subtle: '#adadad',
    line: '#525252',
    words: { accent: '#aab1fa', good: '#92c353', warning: '#f8d22a', attention: '#f1707b' },
    boxes: {
      emphasis: '#1f1f1f',
      accent: '#32344f',
      good: '#1d3a1d',
      warning: '#463a10',
      attention: '#4a1f24',
    },
  },
};

/** A host configuration with the fonts, spaces and colours of the Teams client. */
export function hostConfig(theme: 'light' | 'dark'): object {
  const { text, subtle, card, line, words, boxes } = themes[theme];
  const color = (hex: string) => ({ default: hex, subtle: hex });
  const foregroundColors = {
    default: { default: text, subtle },
    accent: color(words.accent),
    good: color(words.good),
    warning: color(words.warning),
    attention: color(words.attention),
  };
  const box = (backgroundColor: string) => ({ backgroundColor, foregroundColors });
  return {
    hostCapabilities: { capabilities: null },
    supportsInteractivity: true,
    spacing: { none: 0, small: 8, default: 8, medium: 12, large: 16, extraLarge: 20, padding: 12 },
    separator: { lineThickness: 1, lineColor: line },
    fontTypes: {
      default: {
        fontFamily: "'Segoe UI', system-ui, 'DejaVu Sans', sans-serif",
        fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
        fontWeights: { lighter: 200, default: 400, bolder: 600 },
      },
      monospace: {
        fontFamily: "Consolas, 'DejaVu Sans Mono', monospace",
        fontSizes: { small: 11, default: 13, medium: 13, large: 16, extraLarge: 20 },
        fontWeights: { lighter: 200, default: 400, bolder: 600 },
      },
    },
    containerStyles: {
      default: box(card),
      ...Object.fromEntries(Object.entries(boxes).map(([name, background]) => [name, box(background)])),
    },
    textStyles: { heading: { weight: 'bolder', size: 'large', color: 'default' } },
    actions: {
      maxActions: 6,
      spacing: 'default',
      buttonSpacing: 8,
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
      showCard: { actionMode: 'inline', inlineTopMargin: 12, style: 'emphasis' },
    },
    inputs: {
      label: {
        requiredInputs: { suffix: ' *', suffixColor: 'attention', weight: 'bolder' },
        optionalInputs: { weight: 'bolder' },
      },
    },
  };
}
