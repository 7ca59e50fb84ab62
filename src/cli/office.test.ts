import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";

import { configFile } from "./office.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the configuration is what --config names, else what SEKISHO_CONFIG names, else the checkout's own", () => {
  const command = new Command().option("--config <file>");
  vi.stubEnv("SEKISHO_CONFIG", undefined);
  expect(configFile(command)).toBe("config/gateway.yaml");
  vi.stubEnv("SEKISHO_CONFIG", "/etc/sekisho/gateway.yaml");
  expect(configFile(command)).toBe("/etc/sekisho/gateway.yaml");
  command.setOptionValue("config", "/srv/other.yaml");
  expect(configFile(command)).toBe("/srv/other.yaml");
});
