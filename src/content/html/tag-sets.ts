// Sets of tags that the HTML tree construction rules name (HTML Living Standard §13.2).

export const voidTags = new Set(
  "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split(
    " ",
  ),
);
export const headTags = new Set(
  "base basefont bgsound link meta title style script noframes template noscript".split(" "),
);
export const blockTags = new Set(
  "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup main menu nav ol p search section summary ul pre listing form h1 h2 h3 h4 h5 h6 hr xmp plaintext".split(
    " ",
  ),
);
export const headings = new Set(["h1", "h2", "h3", "h4", "h5", "h6"]);
export const formattingTags = new Set(
  "a b big code em font i nobr s small strike strong tt u".split(" "),
);
export const markerTags = new Set(["applet", "marquee", "object"]);
export const tableTags = new Set("caption col colgroup tbody td tfoot th thead tr".split(" "));
export const impliedEndTags = new Set("dd dt li optgroup option p rb rp rt rtc".split(" "));
/** "Special" elements: other end tags do not reach beyond them. */
export const specialTags = new Set(
  "address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript object ol p param plaintext pre script search section select source style summary table tbody td template textarea tfoot th thead title tr track ul wbr xmp".split(
    " ",
  ),
);
export const scopeTags = new Set(
  "applet caption html table td th marquee object template".split(" "),
);
export const tableScopeTags = new Set(["html", "table", "template"]);
export const foreignBreakouts = new Set(
  "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var".split(
    " ",
  ),
);
export const integrationTags = new Set(
  "foreignobject desc title mi mo mn ms mtext annotation-xml".split(" "),
);
