// A template whose links alone differ is not laid again: in any order of what changes, the view is that of the part itself.
import fc from "fast-check";
import { expect, test } from "vitest";

import { takeApart, viewAnew } from "./html-view.ts";
import { prepareHtml } from "./parse-html.ts";

interface Mail {
  readonly name: string;
  readonly link: string;
  readonly picture: string;
}

/** `body`: the part around what differs. */
function part({ name, link, picture }: Mail, body: (text: string) => string): string {
  return `<body><p>${name}様</p><div style="height:20px;overflow:hidden">${name}</div>${body(name)}<p><a href="${link}">こちら</a><img src="${picture}" alt="絵"></p></body>`;
}

const mail = fc.record({
  name: fc.constantFrom("山田", "佐藤花子", "長い名前".repeat(60)),
  link: fc.constantFrom("https://a.jp/1", "https://a.jp/2?x=y", "https://b.example/z", "#"),
  picture: fc.constantFrom("https://a.jp/x.png", "https://a.jp/y.png"),
});

test.each<[what: string, body: (name: string) => string]>([
  ["plain", () => "<p>本文</p>"],
  ["with a box that covers text", () => '<div style="position:relative;height:40px"><p>覆う</p><img src="https://a.jp/c.png" style="position:absolute;top:0;left:0;width:600px;height:100px"></div>'],
])("%s", (_what, body) => {
  fc.assert(
    fc.property(fc.array(mail, { minLength: 2, maxLength: 6 }), (mails) => {
      const first = part({ name: "田中", link: "/", picture: "p.png" }, body);
      const { template } = takeApart(prepareHtml(first), () => true);
      for (const one of mails) {
        const html = part(one, body);
        const known = template?.view(prepareHtml(html));
        if (known !== undefined) expect(known).toEqual(viewAnew(html));
      }
    }),
    { numRuns: 25 },
  );
}); // prettier-ignore
