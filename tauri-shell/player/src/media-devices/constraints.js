/** Track constraints (Media Capture and Streams, section 11): the W3C's spellings, read and checked once. */

/**
 * @typedef {"width" | "height" | "aspectRatio" | "frameRate"} NumberName
 * @typedef {"deviceId" | "groupId" | "facingMode" | "resizeMode"} TextName
 * @typedef {{exact?: number, ideal?: number, min?: number, max?: number}} NumberConstraint
 * @typedef {{exact?: string[], ideal?: string[]}} TextConstraint
 * @typedef {Partial<Record<NumberName, NumberConstraint>> & Partial<Record<TextName, TextConstraint>>} ConstraintSet
 * @typedef {{basic: ConstraintSet, advanced: ConstraintSet[]}} Constraints
 */

/** @type {readonly NumberName[]} */
export const NUMBERS = ["width", "height", "aspectRatio", "frameRate"];
/** @type {readonly TextName[]} */
export const TEXTS = ["deviceId", "groupId", "facingMode", "resizeMode"];
/** The constraints that are obeyed. Others are ignored, as the specification demands of unknown ones. */
export const SUPPORTED = /** @type {readonly (NumberName | TextName)[]} */ ([...NUMBERS, ...TEXTS]);

const NUMBER_KEYS = /** @type {const} */ (["exact", "ideal", "min", "max"]);
const TEXT_KEYS = /** @type {const} */ (["exact", "ideal"]);
const MAX_INTEGER = 2 ** 32 - 1;
const MOST_ADVANCED = 64;

/**
 * Read the constraints of a track; a bare value is `ideal`, in `advanced` it is `exact`. Throws a TypeError for values
 * that are not what the specification's dictionaries hold.
 *
 * @param {unknown} given
 * @returns {Constraints}
 */
export function readConstraints(given) {
  const dictionary = dictionaryOf(given, "The constraints of a track");
  const advanced = dictionary["advanced"] ?? [];
  if (!Array.isArray(advanced)) throw new TypeError("advanced must be an array of constraint sets.");
  if (advanced.length > MOST_ADVANCED) throw new TypeError(`advanced holds more than ${MOST_ADVANCED} constraint sets.`);
  return { basic: readSet(dictionary, "ideal"), advanced: advanced.map((set) => readSet(dictionaryOf(set, "advanced"), "exact")) };
}

/**
 * The supported members of the constraints, copied: what getConstraints returns. By way of JSON, because structuredClone
 * refuses the proxies that Vue and Svelte give to pages.
 *
 * @param {unknown} given constraints that were read already
 * @returns {MediaTrackConstraints}
 */
export function copyConstraints(given) {
  const dictionary = dictionaryOf(given, "The constraints of a track");
  const names = [...SUPPORTED, "advanced"].filter((name) => dictionary[name] !== undefined);
  return JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, dictionary[name]]))));
}

/**
 * @param {unknown} value
 * @param {string} what
 * @returns {Record<string, any>}
 */
function dictionaryOf(value, what) {
  if (value === undefined || value === null || value === true) return {};
  if (typeof value !== "object") throw new TypeError(`${what} must be an object.`);
  return value;
}

/**
 * @param {Record<string, any>} given
 * @param {"ideal" | "exact"} bare the meaning of a value that stands alone
 */
function readSet(given, bare) {
  /** @type {ConstraintSet} */
  const set = {};
  for (const name of NUMBERS) if (given[name] !== undefined) set[name] = readNumber(name, given[name], bare);
  for (const name of TEXTS) if (given[name] !== undefined) set[name] = readText(name, given[name], bare);
  return set;
}

/**
 * @param {NumberName} name
 * @param {any} value
 * @param {"ideal" | "exact"} bare
 * @returns {NumberConstraint}
 */
function readNumber(name, value, bare) {
  if (typeof value !== "object") return { [bare]: numberOf(name, value) };
  const keys = NUMBER_KEYS.filter((key) => value?.[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, numberOf(name, value[key])]));
}

/**
 * @param {NumberName} name
 * @param {unknown} value
 */
function numberOf(name, value) {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError(`${name} must be a finite number.`);
  const isInteger = name === "width" || name === "height";
  return isInteger ? Math.min(Math.max(Math.round(number), 0), MAX_INTEGER) : number;
}

/**
 * @param {TextName} name
 * @param {any} value
 * @param {"ideal" | "exact"} bare
 * @returns {TextConstraint}
 */
function readText(name, value, bare) {
  if (typeof value !== "object" || Array.isArray(value)) return { [bare]: textsOf(name, value) };
  const keys = TEXT_KEYS.filter((key) => value?.[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, textsOf(name, value[key])]));
}

/**
 * @param {TextName} name
 * @param {unknown} value
 */
function textsOf(name, value) {
  const values = Array.isArray(value) ? value : [value];
  if (values.some((one) => typeof one === "object")) throw new TypeError(`${name} must be a string or an array of strings.`);
  return values.map(String);
}
