/** The choice of settings by their fitness distance (Media Capture and Streams, section 11, SelectSettings). */

import { NUMBERS, TEXTS } from "./constraints.js";
import { overconstrained } from "./errors.js";

/** @typedef {import("./constraints.js").Constraints} Constraints */
/** @typedef {import("./constraints.js").ConstraintSet} ConstraintSet */
/** @typedef {import("./constraints.js").NumberConstraint} NumberConstraint */
/** @typedef {import("./constraints.js").TextConstraint} TextConstraint */
/** @typedef {import("./settings.js").Settings} Settings */

/** Constraints spell 16/9 as 1.778, and a camera of 29.97 frames per second is one of 30: such numbers count as equal. */
const TOLERANCE = 0.005;
const FRACTIONS = ["aspectRatio", "frameRate"];

/**
 * The name of the first required constraint (exact, min, max) that the settings do not fulfil; undefined: they fulfil
 * all of them.
 *
 * @param {ConstraintSet} set
 * @param {Settings} settings
 */
export function unmetConstraint(set, settings) {
  return (
    NUMBERS.find((name) => !isNumberMet(set[name], settings[name], FRACTIONS.includes(name) ? TOLERANCE : 0)) ??
    TEXTS.find((name) => !isTextMet(set[name], settings[name]))
  );
}

/**
 * The distance of the settings from the ideal values: 0 is ideal, Infinity is not allowed.
 *
 * @param {ConstraintSet} set
 * @param {Settings} settings
 */
export function fitnessDistance(set, settings) {
  if (unmetConstraint(set, settings)) return Infinity;
  const numbers = NUMBERS.map((name) => numberDistance(set[name]?.ideal, settings[name]));
  const texts = TEXTS.map((name) => textDistance(set[name]?.ideal, settings[name]));
  return [...numbers, ...texts].reduce((sum, distance) => sum + distance, 0);
}

/**
 * The best of the candidates. Among equally good ones those near the preferred settings win, then the first. Throws an
 * OverconstrainedError with the constraint that leaves none.
 *
 * @template {{settings: Settings}} T
 * @param {T[]} candidates
 * @param {Constraints} constraints
 * @param {Settings} preferred
 * @returns {T}
 */
export function selectSettings(candidates, { basic, advanced }, preferred) {
  let left = withRequired(candidates, basic);
  for (const set of advanced) {
    const narrowed = left.filter(({ settings }) => !unmetConstraint(set, settings));
    if (narrowed.length) left = narrowed; // a set that no candidate fulfils is skipped
  }
  const wishes = Object.fromEntries(NUMBERS.map((name) => [name, { ideal: preferred[name] }]));
  /** @param {T} candidate @returns {[number, number]} */
  const cost = ({ settings }) => [fitnessDistance(basic, settings), fitnessDistance(/** @type {any} */ (wishes), settings)];
  return left.map((candidate) => ({ candidate, cost: cost(candidate) })).reduce((best, next) => {
    const difference = next.cost[0] - best.cost[0] || next.cost[1] - best.cost[1];
    return difference < 0 ? next : best;
  }).candidate;
}

/**
 * The candidates that fulfil the required constraints, which are applied one after the other.
 *
 * @template {{settings: Settings}} T
 * @param {T[]} candidates
 * @param {ConstraintSet} basic
 */
function withRequired(candidates, basic) {
  let left = candidates;
  for (const name of [...TEXTS, ...NUMBERS]) {
    const one = { [name]: basic[name] };
    const narrowed = left.filter(({ settings }) => !unmetConstraint(one, settings));
    if (!narrowed.length) throw overconstrained(name);
    left = narrowed;
  }
  return left;
}

/**
 * @param {NumberConstraint | undefined} constraint
 * @param {number | undefined} value
 * @param {number} tolerance
 */
function isNumberMet({ exact, min, max } = {}, value, tolerance) {
  if (exact === undefined && min === undefined && max === undefined) return true;
  if (value === undefined) return false;
  const slack = tolerance * Math.abs(value);
  const isExact = exact === undefined || Math.abs(exact - value) <= slack;
  return isExact && (min === undefined || value >= min - slack) && (max === undefined || value <= max + slack);
}

/**
 * @param {TextConstraint | undefined} constraint
 * @param {string | undefined} value
 */
function isTextMet({ exact } = {}, value) {
  return exact === undefined || (value !== undefined && exact.includes(value));
}

/**
 * @param {number | undefined} ideal
 * @param {number | undefined} value
 */
function numberDistance(ideal, value) {
  if (ideal === undefined || ideal === value) return 0;
  return value === undefined ? 1 : Math.abs(value - ideal) / Math.max(Math.abs(value), Math.abs(ideal));
}

/**
 * @param {string[] | undefined} ideal
 * @param {string | undefined} value
 */
function textDistance(ideal, value) {
  return ideal === undefined || (value !== undefined && ideal.includes(value)) ? 0 : 1;
}
