// The browser's own style sheet (HTML Living Standard §15, Chromium's html.css), as far as it decides what is seen.

export const userAgentSheet = `
html, body, address, article, aside, blockquote, center, dd, details, dialog, dir, div, dl, dt, fieldset,
figcaption, figure, footer, form, h1, h2, h3, h4, h5, h6, header, hgroup, hr, legend, listing, main, menu,
nav, ol, optgroup, option, p, plaintext, pre, search, section, summary, ul, xmp, frameset, frame { display: block }
area, base, basefont, bgsound, datalist, head, link, meta, noembed, noframes, noscript, param, rp, script,
style, template, title, audio:not([controls]) { display: none }
[hidden]:not([hidden="until-found" i], embed), dialog:not([open]), [popover] { display: none }
[hidden="until-found" i] { content-visibility: hidden }
[inert] { pointer-events: none }
embed[hidden] { display: inline; height: 0; width: 0 }
input[type="hidden" i] { display: none !important }
body { margin: 8px }
p, blockquote, figure, dl, dir, menu, ol, ul, pre, listing, xmp, plaintext { margin-top: 1em; margin-bottom: 1em }
blockquote, figure { margin-left: 40px; margin-right: 40px }
dd { margin-left: 40px }
dir, menu, ol, ul { padding-left: 40px }
ol:is(ol *, ul *, menu *, dir *, dl *), ul:is(ol *, ul *, menu *, dir *, dl *), menu:is(ol *, ul *, menu *, dir *, dl *),
dir:is(ol *, ul *, menu *, dir *, dl *), dl:is(ol *, ul *, menu *, dir *, dl *) { margin-top: 0; margin-bottom: 0 }
li { display: list-item }
h1 { font-size: 2em; margin-top: .67em; margin-bottom: .67em }
h2 { font-size: 1.5em; margin-top: .83em; margin-bottom: .83em }
h3 { font-size: 1.17em; margin-top: 1em; margin-bottom: 1em }
h4 { margin-top: 1.33em; margin-bottom: 1.33em }
h5 { font-size: .83em; margin-top: 1.67em; margin-bottom: 1.67em }
h6 { font-size: .67em; margin-top: 2.33em; margin-bottom: 2.33em }
hr { margin-top: .5em; margin-bottom: .5em; color: gray }
pre, listing, xmp, plaintext { white-space: pre }
pre, listing, xmp, plaintext, code, kbd, samp, tt { font-size: .8125em }
code:is(pre *, code *, kbd *, samp *, tt *), kbd:is(pre *, code *, kbd *, samp *, tt *),
samp:is(pre *, code *, kbd *, samp *, tt *), tt:is(pre *, code *, kbd *, samp *, tt *) { font-size: 1em }
[dir="rtl" i] { direction: rtl }
[dir="ltr" i] { direction: ltr }
bdi, output, [dir="rtl" i], [dir="ltr" i], [dir="auto" i] { unicode-bidi: isolate }
bdo, bdo[dir] { unicode-bidi: isolate-override }
center { text-align: center }
th { text-align: center }
nobr { white-space: nowrap }
big { font-size: larger }
small, sub, sup { font-size: smaller }
rt { font-size: 50%; display: ruby-text }
ruby { display: ruby }
a:-webkit-any-link { color: -webkit-link }
mark { background-color: mark; color: marktext }
table { display: table; text-indent: initial }
caption { display: table-caption }
colgroup { display: table-column-group }
col { display: table-column }
thead { display: table-header-group }
tbody { display: table-row-group }
tfoot { display: table-footer-group }
tr { display: table-row }
td, th { display: table-cell; padding: 1px }
input, textarea, select, button { display: inline-block; font-size: 13.3333px; color: fieldtext; letter-spacing: normal;
  line-height: normal; text-indent: 0 }
input, textarea, select { background-color: field }
button, input[type="submit" i], input[type="reset" i], input[type="button" i] { background-color: buttonface; color: buttontext }
textarea { white-space: pre-wrap }
fieldset { margin-left: 2px; margin-right: 2px; padding: .35em .75em .625em }
marquee { display: inline-block; overflow: hidden }
meter, progress, img, video, iframe, object, embed, canvas, svg { display: inline }
`;

/** What documents without a modern type add: a table takes no font size and line height from around it. */
export const quirksSheet = `
table { font-size: initial; line-height: initial; white-space: initial; text-align: start; color: -internal-quirk-inherit }
`;
