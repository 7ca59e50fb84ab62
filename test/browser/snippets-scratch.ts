export const snippets: readonly string[] = [];
