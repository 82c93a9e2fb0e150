const HIDDEN = '***';
const MAX_CHARACTERS = 2_000;
/** The patterns look at this much; they are quadratic at worst. */
const LOOKED_AT = 4_000;

/** What looks like a secret or names a person, wherever it stands. */
const suspicious: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, `$1 ${HIDDEN}`],
  [/\bwhsec_[\w+/=-]+/g, HIDDEN],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, HIDDEN],
  [
    /\b(password|passwd|pwd|secret|token|accountkey|sharedaccesskey|sig)\b(["']?\s*[=:]\s*)[^\s;&,]+/gi,
    `$1$2${HIDDEN}`,
  ],
  [/\b(https?:\/\/)[^\s/@]+@/gi, `$1${HIDDEN}@`],
  [/(\bhttps?:\/\/[^\s?#]+)[?#][^\s]*/gi, `$1?${HIDDEN}`],
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, 'somebody'],
];

/** A function that takes the given values, what looks like a secret, and mail addresses out of a text. */
export function redaction(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((value) => [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ]);
  const known = [...new Set(forms)].filter((form) => form.length >= 4).sort((a, b) => b.length - a.length);
  return (text) => {
    const without = known.reduce((rest, form) => rest.replaceAll(form, HIDDEN), text);
    // a word that is cut could be half a secret
    const looked =
      without.length > LOOKED_AT ? without.slice(0, LOOKED_AT).replace(/\S{1,200}$/, '') : without;
    return suspicious
      .reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), looked)
      .slice(0, MAX_CHARACTERS);
  };
}
