// What the runtime of AMP mail does to the page: it takes away the sheet that kept it unseen, and brings its own.

/**
 * Every valid AMP mail has this sheet, word for word, and the runtime takes it away (AMP for Email, "Required markup"); clients
 * without the runtime show another alternative. All other hiding in AMP counts. The tags stay, so that nothing around them is
 * read in another way.
 */
const boilerplate =
  /(<style\s+amp4email-boilerplate(?:="")?\s*>)\s*body\{visibility:hidden\}\s*(?=<\/style\b)/gi;

/** Of the sheets of AMP's elements (amphtml, extensions/amp-*.css and css/ampshared.css), what stays unseen until somebody taps or swipes. */
const runtime = [
  "amp-accordion>section:not([expanded])>:last-child",
  "amp-carousel[type=slides]>:nth-child(n+2)",
  "amp-sidebar",
  "amp-lightbox",
  "amp-image-lightbox",
  "form>[submitting],form>[submit-success],form>[submit-error]",
].join(",");

export function withAmpSheet(source: string): string {
  return source.replace(boilerplate, `$1${runtime}{display:none!important}`);
}
