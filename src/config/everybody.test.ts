// Ranges that are no bound: whoever writes them opens the relay, however they are written.
import { expect, test } from "vitest";

import { letsEverybodyIn } from "./everybody.ts";

test.each([
  ["0.0.0.0/0"],
  ["0.0.0.0/00"],
  ["192.0.2.1/000"],
  ["0.0.0.0/1 128.0.0.0/1"],
  ["128.0.0.0/1 0.0.0.0/2 64.0.0.0/2 192.0.2.0/24"],
  ["::ffff:0.0.0.0/96"],
  ["::/0"],
  ["2000::/3"],
  ["2000::/4 3000::/4"],
  ["1.0.0.0/8 2.0.0.0/7 4.0.0.0/6 8.0.0.0/7 11.0.0.0/8 12.0.0.0/6 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2 128.0.0.0/2 192.0.0.0/3"],
])("%s is everybody", (ranges) => {
  expect(letsEverybodyIn(ranges.split(" "))).toBe(true);
}); // prettier-ignore

test.each([
  ["127.0.0.0/8 ::1 10.0.0.0/8 192.168.0.0/16 172.16.0.0/12"],
  ["0.0.0.0/1"],
  ["0.0.0.0/1 128.0.0.0/2"],
  ["2001:db8::/32 fd00::/8 fe80::1%eth0"],
  ["2000::/4"],
  ["::1/128 nonsense 192.0.2.1/x"],
])("%s is not", (ranges) => {
  expect(letsEverybodyIn(ranges.split(" "))).toBe(false);
});
