// The stepped, trigonometric and exponential functions of CSS Values 4, on plain numbers.

/** Functions whose result is a number whatever their arguments are. */
export const givesNumber = /^(?:sign|sin|cos|tan|asin|acos|atan|atan2|pow|sqrt|exp|log)$/;

/** undefined for other names and wrong numbers of arguments. Angles are radians. */
export function mathFunction(name: string, args: readonly number[]): number | undefined {
  const [first, second] = args;
  if (first === undefined) return undefined;
  switch (name) {
    case "abs":
      return Math.abs(first);
    case "sign":
      return Math.sign(first);
    case "sin":
      return Math.sin(first);
    case "cos":
      return Math.cos(first);
    case "tan":
      return Math.tan(first);
    case "sqrt":
      return Math.sqrt(first);
    case "exp":
      return Math.exp(first);
    case "log":
      return second === undefined ? Math.log(first) : Math.log(first) / Math.log(second);
    case "hypot":
      return Math.hypot(...args);
    case "pow":
      return second === undefined ? undefined : first ** second;
    case "mod":
      return second === undefined ? undefined : first - second * Math.floor(first / second);
    case "rem":
      return second === undefined ? undefined : first % second;
    default:
      return undefined;
  }
}

/** round(strategy, value, step). */
export function roundTo(strategy: string, value: number, step: number): number {
  const steps = value / step;
  switch (strategy) {
    case "up":
      return Math.ceil(steps) * step;
    case "down":
      return Math.floor(steps) * step;
    case "to-zero":
      return Math.trunc(steps) * step;
    default:
      return Math.round(steps) * step;
  }
}
