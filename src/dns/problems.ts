// All that can be wrong with a sender's DNS: one closed table of outcomes and remedies.

interface ProblemRow {
  readonly check: string;
  /** fail: some large receiver refuses or junks mail over it (law.md §5.1). */
  readonly outcome: "fail" | "warn";
  readonly remedy: { readonly en: string; readonly ja: string };
}

// prettier-ignore
export const problems = {
  // --- SPF (RFC 7208) ---------------------------------------------------------------------------------------------
  "spf-missing": { check: "spf", outcome: "fail", remedy: {
    en: "Publish the SPF record that `sekisho dns records` prints.",
    ja: "`sekisho dns records` が表示する SPF レコードを公開してください。" } },
  "spf-several": { check: "spf", outcome: "fail", remedy: {
    en: "Merge the records into one: with two, SPF fails for every message (RFC 7208 §4.5).",
    ja: "SPF レコードを 1 件に統合してください。2 件以上あるとすべてのメールで SPF がエラーになります。" } },
  "spf-syntax": { check: "spf", outcome: "fail", remedy: {
    en: "Correct the term named; a record that cannot be read fails for every message.",
    ja: "指摘された項を修正してください。読み取れないレコードはすべてのメールでエラーになります。" } },
  "spf-include": { check: "spf", outcome: "fail", remedy: {
    en: "Take the include out or let its domain publish an SPF record; as it is, SPF fails for every message.",
    ja: "include 先に SPF レコードがありません。include を外すか、参照先で SPF を公開してください。" } },
  "spf-lookups": { check: "spf", outcome: "fail", remedy: {
    en: "Replace include, a and mx by ip4 and ip6, or take out services no longer used: 10 look-ups are allowed.",
    ja: "include・a・mx を ip4・ip6 に置き換えるか、使っていないサービスを外してください（DNS 参照は 10 回まで）。" } },
  "spf-void": { check: "spf", outcome: "fail", remedy: {
    en: "Take out the terms whose names do not exist: only 2 such look-ups are allowed.",
    ja: "存在しない名前を参照する項を外してください（空の参照は 2 回まで）。" } },
  "spf-pass-all": { check: "spf", outcome: "fail", remedy: {
    en: "End the record with ~all or -all: +all lets anybody send in your name.",
    ja: "末尾を ~all または -all にしてください。+all では誰でもなりすませます。" } },
  "spf-no-end": { check: "spf", outcome: "warn", remedy: {
    en: "End the record with ~all or -all, so that others' mail is told apart from yours.",
    ja: "末尾に ~all または -all を付けてください。" } },
  "spf-ptr": { check: "spf", outcome: "warn", remedy: {
    en: "Replace ptr by ip4 or ip6: RFC 7208 §5.5 says not to use it, and receivers skip it.",
    ja: "ptr は使用しないでください（RFC 7208 §5.5）。ip4・ip6 に置き換えてください。" } },
  "spf-source": { check: "spf", outcome: "fail", remedy: {
    en: "Add the gateway's address to the record, before its end.",
    ja: "ゲートウェイの IP アドレスを SPF レコード（all より前）に追加してください。" } },
  // --- DKIM (RFC 6376) --------------------------------------------------------------------------------------------
  "dkim-no-key": { check: "dkim", outcome: "fail", remedy: {
    en: "Make a key: sekisho keys create --domain DOMAIN. Without one the domain's mail waits.",
    ja: "鍵を作成してください: sekisho keys create --domain ドメイン。鍵がないとメールは送信待ちになります。" } },
  "dkim-not-active": { check: "dkim", outcome: "fail", remedy: {
    en: "Publish the record of the key; the gateway lets it sign once the record is seen. Until then mail waits.",
    ja: "鍵のレコードを公開してください。確認でき次第、自動的に署名を開始します。それまでメールは送信待ちになります。" } },
  "dkim-missing": { check: "dkim", outcome: "fail", remedy: {
    en: "Publish the record again: signatures of this key do not verify without it.",
    ja: "レコードを再度公開してください。このままでは署名を検証できません。" } },
  "dkim-different": { check: "dkim", outcome: "fail", remedy: {
    en: "Replace the record by the one expected, letter for letter (the strings are joined without a space).",
    ja: "レコードを期待値どおりに置き換えてください（分割した文字列の間に空白を入れないこと）。" } },
  "dkim-several": { check: "dkim", outcome: "fail", remedy: {
    en: "Leave one TXT record at the name: with two, verifiers may take the wrong one.",
    ja: "この名前の TXT レコードを 1 件だけにしてください。" } },
  "dkim-testing": { check: "dkim", outcome: "warn", remedy: {
    en: "Take t=y out of the record: it tells receivers to treat signed mail as unsigned.",
    ja: "レコードから t=y（テストモード）を外してください。" } },
  "dkim-pending": { check: "dkim", outcome: "warn", remedy: {
    en: "Publish the record of the new key; it takes over once it is seen.",
    ja: "新しい鍵のレコードを公開してください。確認でき次第、切り替わります。" } },
  "dkim-retiring": { check: "dkim", outcome: "warn", remedy: {
    en: "Put the record back until the key is retired: mail signed by it is still under way.",
    ja: "鍵が retired になるまでレコードを残してください。この鍵で署名したメールがまだ配送中です。" } },
  // --- DMARC (RFC 9989) -------------------------------------------------------------------------------------------
  "dmarc-missing": { check: "dmarc", outcome: "fail", remedy: {
    en: "Publish a DMARC record; begin with p=none and a report address.",
    ja: "DMARC レコードを公開してください。まず p=none とレポート送信先から始めます。" } },
  "dmarc-several": { check: "dmarc", outcome: "fail", remedy: {
    en: "Leave one DMARC record at the name: several count as none.",
    ja: "DMARC レコードを 1 件だけにしてください。複数あると無いものとして扱われます。" } },
  "dmarc-invalid": { check: "dmarc", outcome: "fail", remedy: {
    en: "Write the record as v=DMARC1; p=none|quarantine|reject; … – as it is, receivers ignore it.",
    ja: "v=DMARC1; p=none|quarantine|reject; … の形式に修正してください。このままでは無視されます。" } },
  "dmarc-none": { check: "dmarc", outcome: "warn", remedy: {
    en: "Read the reports; once all your mail passes, go to p=quarantine, then to p=reject.",
    ja: "レポートを確認し、正規のメールがすべて pass したら p=quarantine、次に p=reject へ進めてください。" } },
  "dmarc-no-reports": { check: "dmarc", outcome: "warn", remedy: {
    en: "Add rua=mailto:…: without reports nobody sees who sends in your name.",
    ja: "rua=mailto:… を追加してください。レポートがないと、なりすましに気付けません。" } },
  "dmarc-obsolete": { check: "dmarc", outcome: "warn", remedy: {
    en: "Take out the tags that RFC 9989 removed (pct, rf, ri); receivers ignore them. t=y is what pct=0 was.",
    ja: "RFC 9989 で廃止されたタグ（pct・rf・ri）を外してください。pct=0 の代わりは t=y です。" } },
  "dmarc-methods": { check: "dmarc", outcome: "warn", remedy: {
    en: "Publish a record at the From domain itself: receivers of the old and the new method then read the same policy.",
    ja: "From ドメイン自体に DMARC レコードを公開してください。新旧どちらの方式でも同じポリシーになります。" } },
  "dmarc-report-address": { check: "dmarc", outcome: "warn", remedy: {
    en: "Let the report address's domain publish the record expected, or reports are not sent there (RFC 9990 §4).",
    ja: "レポート送信先のドメインで期待値のレコードを公開してください。ないとレポートは届きません。" } },
  // --- alignment --------------------------------------------------------------------------------------------------
  "dkim-strict": { check: "alignment", outcome: "fail", remedy: {
    en: "Make a key for the From domain itself, or take adkim=s out of the DMARC record.",
    ja: "From ドメイン自体の鍵を作成するか、DMARC レコードの adkim=s を外してください。" } },
  "dkim-unaligned": { check: "alignment", outcome: "fail", remedy: {
    en: "Make a key for the From domain: the signing domain belongs to another organisation by DMARC.",
    ja: "From ドメインの鍵を作成してください。署名ドメインが DMARC 上別組織とみなされます。" } },
  "spf-unaligned": { check: "alignment", outcome: "warn", remedy: {
    en: "Let bounces come to a host below the From domain (senders[].bounce_domain), so that SPF aligns as well as DKIM.",
    ja: "エラーメールの受信ホスト（senders[].bounce_domain）を From ドメイン配下にしてください（SPF もアライメントします）。" } },
  // --- the From domain --------------------------------------------------------------------------------------------
  "from-unresolved": { check: "from", outcome: "fail", remedy: {
    en: "Give the From domain an MX or A record: docomo and others refuse mail that cannot be answered.",
    ja: "From ドメインに MX または A レコードを設定してください（docomo などが拒否します）。" } },
  "from-null-mx": { check: "from", outcome: "fail", remedy: {
    en: "Replace the null MX by a host that takes mail: it says that the domain neither sends nor receives.",
    ja: "null MX を受信可能なホストに変更してください。送受信しないドメインとみなされます。" } },
  "from-mx-broken": { check: "from", outcome: "warn", remedy: {
    en: "Give the mail exchanger an address record of its own (no CNAME, RFC 5321 §5.1), or name another.",
    ja: "MX のホストに A/AAAA レコードを設定してください（CNAME は不可）。" } },
  "soa-missing": { check: "soa", outcome: "fail", remedy: {
    en: "Register the domain or mend its delegation: Yahoo refuses domains without a zone.",
    ja: "ドメインの登録・委任を確認してください（Yahoo は SOA のないドメインを拒否します）。" } },
  // --- where bounces come to --------------------------------------------------------------------------------------
  "return-unresolved": { check: "return-path", outcome: "fail", remedy: {
    en: "Publish the MX and A records of the bounce host: receivers refuse a MAIL FROM that does not resolve.",
    ja: "エラーメール受信ホストの MX・A レコードを公開してください。名前解決できない MAIL FROM は拒否されます。" } },
  "return-elsewhere": { check: "return-path", outcome: "warn", remedy: {
    en: "Let the MX of the bounce host lead to this gateway's feedback listener, or bounces are not learnt from.",
    ja: "エラーメール受信ホストの MX をこのゲートウェイに向けてください。エラー情報が反映されません。" } },
  // --- the gateway ------------------------------------------------------------------------------------------------
  "source-unknown": { check: "source", outcome: "warn", remedy: {
    en: "Name the public addresses that mail leaves from in dns.source_addresses, so that SPF and PTR can be checked.",
    ja: "メールの送信元となるグローバル IP アドレスを dns.source_addresses に設定してください（SPF・逆引きの確認に必要）。" } },
  "ptr-missing": { check: "ptr", outcome: "fail", remedy: {
    en: "Have the provider of the address set its PTR to the gateway's host name: Gmail, Yahoo and Apple demand it.",
    ja: "IP アドレスの提供元に逆引き（PTR）の設定を依頼してください（Gmail・Yahoo・Apple が要求します）。" } },
  "ptr-forward": { check: "ptr", outcome: "fail", remedy: {
    en: "Let the name that the PTR gives lead back to the address by an A or AAAA record.",
    ja: "逆引きで得られる名前の A/AAAA レコードを、この IP アドレスに設定してください。" } },
  "ptr-generic": { check: "ptr", outcome: "warn", remedy: {
    en: "Have the PTR set to a name of your own: names made of the address look like a home line.",
    ja: "逆引きを自社のホスト名にしてください。IP アドレスから作られた名前は家庭用回線とみなされます。" } },
  "helo-unresolved": { check: "helo", outcome: "fail", remedy: {
    en: "Set `hostname` to a name that has an A or AAAA record (RFC 5321 §2.3.5).",
    ja: "`hostname` に A/AAAA レコードのある名前を設定してください。" } },
  "helo-elsewhere": { check: "helo", outcome: "warn", remedy: {
    en: "Let the host name lead to the address that mail leaves from.",
    ja: "ホスト名の A/AAAA レコードを送信元 IP アドレスに合わせてください。" } },
  // --- mail to the own domains ------------------------------------------------------------------------------------
  "mta-sts-missing": { check: "mta-sts", outcome: "warn", remedy: {
    en: "Publish MTA-STS, so that mail to you is not sent in clear text either (RFC 8461).",
    ja: "MTA-STS を公開すると、自社宛てメールの平文配送を防げます（RFC 8461）。" } },
  "mta-sts-invalid": { check: "mta-sts", outcome: "warn", remedy: {
    en: "Leave one record of the form v=STSv1; id=…; – as it is, it counts as none.",
    ja: "v=STSv1; id=…; の形式で 1 件だけ公開してください。" } },
  "tls-rpt-missing": { check: "tls-rpt", outcome: "warn", remedy: {
    en: "Publish the record expected to hear of failed TLS towards you (RFC 8460).",
    ja: "期待値のレコードを公開すると、自社宛ての TLS 失敗レポートを受け取れます（RFC 8460）。" } },
  // --- domains that send no mail (経産省・警察庁・総務省 2023-02-01) ------------------------------------------------
  "parked-spf": { check: "parked", outcome: "warn", remedy: {
    en: "Publish v=spf1 -all and nothing else.", ja: "SPF を v=spf1 -all だけにしてください。" } },
  "parked-mx": { check: "parked", outcome: "warn", remedy: {
    en: "Publish a null MX (0 .), if the domain takes no mail either (RFC 7505).",
    ja: "受信もしない場合は null MX（0 .）を公開してください（RFC 7505）。" } },
  "parked-dmarc": { check: "parked", outcome: "warn", remedy: {
    en: "Publish p=reject, so that nobody can use the name.",
    ja: "DMARC を p=reject にして、なりすましを防いでください。" } },
} as const satisfies Record<string, ProblemRow>;

export type Problem = keyof typeof problems;
