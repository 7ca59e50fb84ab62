// Field kinds that several sections share, each with the words that errors and documentation use.
import Type from "typebox";

import { durationAboveZeroPattern, durationPattern } from "../duration.ts";

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- the schema's type is what it builds
export const duration = (description: string, standard: string) =>
  Type.String({ pattern: durationAboveZeroPattern, description, default: standard });

/** Zero has a meaning here. */
// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const durationOrZero = (description: string, standard: string) =>
  Type.String({ pattern: durationPattern, description, default: standard });

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const optionalDuration = (description: string) =>
  Type.Optional(Type.String({ pattern: durationAboveZeroPattern, description }));

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const text = (description: string, options: { default?: string; minLength?: number } = {}) =>
  Type.String({ minLength: 1, description, ...options });

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const optionalText = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, description }));

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const texts = (description: string, standard: readonly string[] = []) =>
  Type.Array(Type.String({ minLength: 1 }), { description, default: [...standard] });

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const flag = (description: string, standard: boolean) =>
  Type.Boolean({ description, default: standard });

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const whole = (description: string, standard: number, minimum: number, maximum: number) =>
  Type.Integer({ description, default: standard, minimum, maximum });

export const choice = <const T extends readonly string[]>(
  description: string,
  values: T,
  standard?: T[number],
): Type.TUnsafe<T[number]> =>
  Type.Unsafe<T[number]>({
    type: "string",
    enum: [...values],
    description,
    ...(standard === undefined ? {} : { default: standard }),
  });

export const idPattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

// oxlint-disable-next-line typescript/explicit-module-boundary-types
export const id = (description: string) => Type.String({ pattern: idPattern, description });
