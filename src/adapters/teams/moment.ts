const day = /^\d{4}-\d{2}-\d{2}$/;
/** A time without a zone means another moment to each reader, so it has to name one. */
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/i;

/** A typed moment as ISO 8601 in UTC: a day is meant until its end. Undefined when it is none that exists. */
export function momentOf(typed: string): string | undefined {
  if (!day.test(typed) && !time.test(typed)) return undefined;
  const date = typed.slice(0, 10);
  // some engines read the 30th of February as the 2nd of March
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  const moment = new Date(day.test(typed) ? `${date}T23:59:59Z` : typed.toUpperCase());
  return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
}
