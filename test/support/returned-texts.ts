// Returned messages of many systems, written for these tests from how those systems write: they guard against rules that
// know only the corpus. Each text is the message from its header on, LF line ends.
import type { BounceReason } from "../../src/feedback/bounce-reason.ts";
import type { ReturnedKind } from "../../src/feedback/explain.ts";

export interface ReturnedText {
  readonly name: string;
  readonly kind: ReturnedKind;
  readonly reasons?: readonly BounceReason[];
  readonly text: string;
}

const original = `Return-Path: <b-1@bounce.example.jp>
Received: from gw.example.jp (gw.example.jp [192.0.2.9]) by mx.example.net with ESMTP; Mon, 2 Nov 2026 10:00:00 +0900
From: 見本 <news@example.jp>
To: hanako@example.net
Subject: unsubscribe virus spam mailbox full user unknown
Message-ID: <20261102.1@example.jp>

Hello
`;

function plain(from: string, subject: string, body: string, more = ""): string {
  return `Return-Path: <>
From: ${from}
To: b-1@bounce.example.jp
Subject: ${subject}
${more}MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

${body}
`;
}

function report(from: string, subject: string, body: string, status: string): string {
  return `Return-Path: <>
From: ${from}
To: b-1@bounce.example.jp
Subject: ${subject}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

This is a MIME-encapsulated message.

--=_b
Content-Type: text/plain; charset=utf-8

${body}
--=_b
Content-Type: message/delivery-status

${status}
--=_b
Content-Type: message/rfc822

${original}
--=_b--
`;
}

const postfixIntro = `This is the mail system at host mx.example.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.
`;

function postfix(recipient: string, status: string, said: string): string {
  return report(
    "MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    "Undelivered Mail Returned to Sender",
    `${postfixIntro}\n<${recipient}>: ${said}\n`,
    `Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ${recipient}\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp; ${said.replace(/^host \S+ said: /, "").replace(/ \(in reply to [^)]*\)$/, "")}\n`,
  );
}

const eximIntro = `This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:
`;
const eximTail = `\n------ This is a copy of the message, including all the headers. ------\n\n${original}`;

function exim(words: string): string {
  return plain(
    "Mail Delivery System <Mailer-Daemon@mail.example.net>",
    "Mail delivery failed: returning message to sender",
    `${eximIntro}\n  hanako@example.net\n${words}\n${eximTail}`,
    "X-Failed-Recipients: hanako@example.net\n",
  );
}

function interMail(status: string, reason: string, recipient = "hanako@example.net"): string {
  return report(
    "Mail Administrator <postmaster@example.net>",
    "Mail System Error - Returned Mail",
    `This Message was undeliverable due to the following reason:

Each of the following recipients was rejected by a remote mail server.
The reasons given by the server are included to help you determine why
each recipient was rejected.

    Recipient: <${recipient}>
    Reason:    ${reason}

Please reply to <postmaster@example.net>
if you feel this message to be in error.
`,
    `Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: RFC822; ${recipient}\nAction: failed\nStatus: ${status}\n`,
  );
}

function qmail(words: string): string {
  return plain(
    "MAILER-DAEMON@mail.example.net",
    "failure notice",
    `Hi. This is the qmail-send program at mail.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<hanako@example.net>:
${words}

--- Below this line is a copy of the message.

${original}`,
  );
}

function google(words: string, status: string): string {
  return report(
    "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
    "Delivery Status Notification (Failure)",
    `\n** Message blocked **\n\nYour message to hanako@example.net has been blocked. See technical details below for more information.\n\nThe response from the remote server was:\n${words}\n`,
    `Reporting-MTA: dns; googlemail.com\n\nFinal-Recipient: rfc822; hanako@example.net\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp; ${words}\n`,
  );
}

function microsoft(words: string, status: string): string {
  return report(
    "<postmaster@example.net>",
    "Undeliverable: unsubscribe spam",
    `Your message to hanako@example.net couldn't be delivered.

The address may be misspelled or may not exist, the mailbox may be full, or a security or spam policy may block it.

Diagnostic information for administrators:

Generating server: TYAPR01MB0001.jpnprd01.prod.outlook.com

hanako@example.net
Remote Server returned '${words}'

Original message headers:

Received: from gw.example.jp (192.0.2.9)
`,
    `Reporting-MTA: dns;TYAPR01MB0001.jpnprd01.prod.outlook.com\n\nFinal-Recipient: rfc822;hanako@example.net\nAction: failed\nStatus: ${status}\nDiagnostic-Code: smtp;${words}\n`,
  );
}

/** As the button "Unsubscribe" of Apple Mail writes it (sisimai/set-of-emails, issue 26). */
function appleMail(to: string): string {
  return `Date: Thu, 2 May 2026 17:48:55 +0000 (UTC)
From: hanako@icloud.com
Reply-To: hanako@icloud.com
To: ${to}
Message-ID: <898B6152-36BC-4F4B-ABF8-2694A88CB5FC@icloud.com>
Subject: unsubscribe
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable
Auto-Submitted: auto-replied
X-Apple-Unsubscribe: true

Apple Mail sent this email to unsubscribe from the message =E2=80=9Cunsubsc=
ribe=E2=80=9D.
`;
}

function bounce(name: string, reason: BounceReason, text: string): ReturnedText {
  return { name, kind: "bounce", reasons: [reason], text };
}

export const returnedTexts: readonly ReturnedText[] = [
  // Postfix
  bounce(
    "Postfix, unknown in a virtual table",
    "user-unknown",
    postfix(
      "hanako@example.net",
      "5.1.1",
      "host mx.example.net[192.0.2.3] said: 550 5.1.1 <hanako@example.net>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, unknown user told after DATA",
    "policy",
    postfix(
      "hanako@docomo.ne.jp",
      "5.0.0",
      "host mfsmax.docomo.ne.jp[203.138.181.112] said: 550 Unknown user hanako@docomo.ne.jp (in reply to end of DATA command)",
    ),
  ),
  bounce(
    "Postfix, unknown user told at RCPT by docomo",
    "user-unknown",
    postfix(
      "hanako@docomo.ne.jp",
      "5.0.0",
      "host mfsmax.docomo.ne.jp[203.138.181.112] said: 550 Unknown user hanako@docomo.ne.jp (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, au with the address",
    "user-unknown",
    postfix(
      "hanako@au.com",
      "5.0.0",
      "host msmx.au.com[27.85.176.229] said: 550 <hanako@au.com>: User unknown (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, au without the address",
    "policy",
    postfix(
      "hanako@au.com",
      "5.0.0",
      "host msmx.au.com[27.85.176.229] said: 550 : User unknown (in reply to end of DATA command)",
    ),
  ),
  bounce(
    "Postfix, SoftBank",
    "user-unknown",
    postfix(
      "hanako@softbank.ne.jp",
      "5.0.0",
      "host mx.softbank.ne.jp[117.46.7.49] said: 550 Invalid recipient: <hanako@softbank.ne.jp> (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, SoftBank after DATA",
    "policy",
    postfix(
      "hanako@i.softbank.jp",
      "5.0.0",
      "host mx.i.softbank.jp[117.46.7.1] said: 550 5.2.0 Message rejected due to recipient settings (in reply to end of DATA command)",
    ),
  ),
  bounce(
    "Postfix, docomo takes too many recipients",
    "rate",
    postfix(
      "hanako@docomo.ne.jp",
      "5.0.0",
      "host mfsmax.docomo.ne.jp[203.138.181.112] said: 552 Too many recipients (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, docomo, mail too big",
    "too-large",
    postfix(
      "hanako@docomo.ne.jp",
      "5.0.0",
      "host mfsmax.docomo.ne.jp[203.138.181.112] said: 552 too much mail data (in reply to end of DATA command)",
    ),
  ),
  bounce(
    "Postfix, Spamhaus at RCPT",
    "policy",
    postfix(
      "hanako@example.net",
      "5.7.1",
      "host mx.example.net[192.0.2.3] said: 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.9 (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, greylisting that never ended",
    "rate",
    postfix(
      "hanako@example.net",
      "4.2.0",
      "host mx.example.net[192.0.2.3] said: 450 4.2.0 <hanako@example.net>: Recipient address rejected: Greylisted, see http://postgrey.example.org (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, name service",
    "host-unknown",
    postfix(
      "hanako@example.nett",
      "5.4.4",
      "Host or domain name not found. Name service error for name=example.nett type=AAAA: Host not found",
    ),
  ),
  bounce(
    "Postfix, name service that may recover",
    "network",
    postfix(
      "hanako@example.net",
      "4.4.3",
      "Host or domain name not found. Name service error for name=example.net type=MX: Host not found, try again",
    ),
  ),
  bounce(
    "Postfix, no TLS",
    "network",
    postfix(
      "hanako@example.net",
      "4.7.5",
      "TLS is required, but was not offered by host mx.example.net[192.0.2.3]",
    ),
  ),
  bounce(
    "Postfix, size",
    "too-large",
    postfix(
      "hanako@example.net",
      "5.3.4",
      "message size 41943040 exceeds size limit 20971520 of server mx.example.net[192.0.2.3]",
    ),
  ),
  bounce(
    "Postfix, connection refused",
    "expired",
    postfix(
      "hanako@example.net",
      "4.4.1",
      "connect to mx.example.net[192.0.2.3]:25: Connection refused",
    ),
  ),
  bounce(
    "Postfix, HELO refused",
    "policy",
    postfix(
      "hanako@example.net",
      "5.5.2",
      "host mx.example.net[192.0.2.3] said: 504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, sender unknown to a callout",
    "policy",
    postfix(
      "hanako@example.net",
      "5.1.7",
      "host mx.example.net[192.0.2.3] said: 550 5.1.7 <news@example.jp>: Sender address rejected: undeliverable address: User unknown (in reply to RCPT TO command)",
    ),
  ),
  bounce(
    "Postfix, refused before anything was said",
    "policy",
    postfix(
      "hanako@example.net",
      "5.0.0",
      "host mx.example.net[192.0.2.3] refused to talk to me: 550 user unknown, go away",
    ),
  ),
  bounce(
    "Postfix, maildrop quota",
    "mailbox-full",
    postfix("hanako@example.net", "5.2.2", "can't deliver: the user's maildir is over quota"),
  ),
  // Exim
  bounce(
    "Exim, no such user",
    "user-unknown",
    exim(
      "    host mx.example.net [192.0.2.3]\n    SMTP error from remote mail server after RCPT TO:<hanako@example.net>:\n    550 No such user here",
    ),
  ),
  bounce(
    "Exim, unknown user after the data",
    "policy",
    exim(
      "    host mx.example.net [192.0.2.3]\n    SMTP error from remote mail server after end of data:\n    550 No such user here",
    ),
  ),
  bounce(
    "Exim, spam after the data",
    "spam",
    exim(
      "    host mx.example.net [192.0.2.3]\n    SMTP error from remote mail server after end of data:\n    550 This message was classified as SPAM and may not be delivered",
    ),
  ),
  bounce(
    "Exim, an Exim that has no such user",
    "user-unknown",
    exim(
      "    host mx.example.net [192.0.2.3]\n    SMTP error from remote mail server after RCPT TO:<hanako@example.net>:\n    550 Unrouteable address",
    ),
  ),
  bounce("Exim, its own routers know no way", "host-unknown", exim("    Unrouteable address")),
  bounce(
    "Exim, unroutable domain",
    "host-unknown",
    exim("    all relevant MX records point to non-existent hosts"),
  ),
  bounce(
    "Exim, local user",
    "user-unknown",
    exim("    Unknown local part hanako in <hanako@example.net>"),
  ),
  bounce(
    "Exim, host dead for long",
    "expired",
    exim(
      "    all hosts for 'example.net' have been failing for a long time (and retry time not reached)",
    ),
  ),
  bounce(
    "Exim, over quota",
    "mailbox-full",
    exim("    mailbox is full (MTA-imposed quota exceeded while writing to file /var/mail/hanako)"),
  ),
  bounce(
    "Exim, temporarily refused sender",
    "policy",
    exim(
      "    host mx.example.net [192.0.2.3]\n    SMTP error from remote mail server after MAIL FROM:<news@example.jp>:\n    550 5.1.1 user unknown",
    ),
  ),
  bounce(
    "Exim, message too big",
    "too-large",
    exim(
      "    SMTP error from remote mail server after MAIL FROM:<news@example.jp> SIZE=99999999:\n    host mx.example.net [192.0.2.3]: 552 5.3.4 Message size exceeds fixed maximum message size",
    ),
  ),
  // qmail
  bounce(
    "qmail, no mailbox",
    "user-unknown",
    qmail("Sorry, no mailbox here by that name. (#5.1.1)"),
  ),
  bounce(
    "qmail, recipient refused",
    "user-unknown",
    qmail(
      "192.0.2.3 does not like recipient.\nRemote host said: 550 sorry, no such user\nGiving up on 192.0.2.3.",
    ),
  ),
  bounce(
    "qmail, policy behind DATA",
    "policy",
    qmail(
      "192.0.2.3 failed after I sent the message.\nRemote host said: 554 Message rejected\nGiving up on 192.0.2.3.",
    ),
  ),
  bounce(
    "qmail, not in rcpthosts",
    "no-relay",
    qmail(
      "192.0.2.3 does not like recipient.\nRemote host said: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\nGiving up on 192.0.2.3.",
    ),
  ),
  bounce(
    "qmail, no such host",
    "host-unknown",
    qmail("Sorry, I couldn't find any host named example.net. (#5.1.2)"),
  ),
  bounce(
    "qmail, best-preference MX",
    "network",
    qmail(
      "Sorry. Although I'm listed as a best-preference MX or A for that host,\nit isn't in my control/locals file, so I don't treat it as local. (#5.4.6)",
    ),
  ),
  bounce(
    "qmail-ldap, over quota",
    "mailbox-full",
    qmail("Message rejected, the mailbox of the user is over quota. (#5.2.2)"),
  ),
  // Sendmail
  bounce(
    "Sendmail, quota",
    "mailbox-full",
    report(
      "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>",
      "Returned mail: see transcript for details",
      "   ----- The following addresses had permanent fatal errors -----\n<hanako@example.net>\n    (reason: 552 5.2.2 <hanako@example.net>... Over quota)\n\n   ----- Transcript of session follows -----\n... while talking to mail.example.net.:\n>>> DATA\n<<< 552 5.2.2 <hanako@example.net>... Over quota\n",
      "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: RFC822; hanako@example.net\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: SMTP; 552 5.2.2 <hanako@example.net>... Over quota\n",
    ),
  ),
  bounce(
    "Sendmail, name servers silent for days",
    "network",
    report(
      "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>",
      "Returned mail: Cannot send message for 5 days",
      "   ----- The following addresses had permanent fatal errors -----\n<hanako@example.net>\n\n   ----- Transcript of session follows -----\n451 example.net: Name server timeout\nMessage could not be delivered for 5 days\nMessage will be deleted from queue\n",
      "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: RFC822; hanako@example.net\nAction: failed\nStatus: 4.4.7\n",
    ),
  ),
  bounce(
    "Sendmail, virus scanner",
    "content",
    report(
      "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>",
      "Returned mail: see transcript for details",
      "   ----- The following addresses had permanent fatal errors -----\n<hanako@example.net>\n    (reason: 554 5.7.1 virus Eicar-Test-Signature detected by ClamAV)\n",
      "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: RFC822; hanako@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: SMTP; 554 5.7.1 virus Eicar-Test-Signature detected by ClamAV\n",
    ),
  ),
  // Google
  bounce(
    "Google, DMARC",
    "authentication",
    google(
      "550-5.7.26 Unauthenticated email from example.jp is not accepted due to domain's 550-5.7.26 DMARC policy.",
      "5.7.26",
    ),
  ),
  bounce(
    "Google, likely spam",
    "spam",
    google(
      "550-5.7.1 [192.0.2.9 12] Our system has detected that this message is 550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail, 550-5.7.1 this message has been blocked.",
      "5.7.1",
    ),
  ),
  bounce(
    "Google, rate",
    "rate",
    google(
      "421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been temporarily rate limited.",
      "4.7.28",
    ),
  ),
  bounce(
    "Google, no PTR",
    "policy",
    google(
      "550-5.7.25 [192.0.2.9] The IP address sending this message does not have a PTR record setup",
      "5.7.25",
    ),
  ),
  bounce(
    "Google, no such account",
    "user-unknown",
    google(
      "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos",
      "5.1.1",
    ),
  ),
  bounce(
    "Google, disabled account",
    "suspended",
    google("550-5.2.1 The email account that you tried to reach is disabled.", "5.2.1"),
  ),
  bounce(
    "Google, out of storage",
    "mailbox-full",
    google(
      "452-4.2.2 The recipient's inbox is out of storage space. Please direct the recipient to the help page",
      "4.2.2",
    ),
  ),
  // Microsoft
  bounce(
    "Exchange Online, directory edge",
    "user-unknown",
    microsoft(
      "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [TY2JPN01FT003.eop-JPN01.prod.protection.outlook.com]",
      "5.4.1",
    ),
  ),
  bounce(
    "Exchange Online, banned address",
    "policy",
    microsoft("550 5.7.606 Access denied, banned sending IP [192.0.2.9]", "5.7.606"),
  ),
  bounce(
    "Exchange Online, low reputation",
    "policy",
    microsoft(
      "550 5.7.1 Unfortunately, messages from [192.0.2.9] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
      "5.7.1",
    ),
  ),
  bounce(
    "Exchange Online, mailbox full",
    "mailbox-full",
    microsoft(
      "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
      "5.2.2",
    ),
  ),
  bounce(
    "Exchange Online, group needs login",
    "policy",
    microsoft(
      "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this group",
      "5.7.133",
    ),
  ),
  bounce(
    "Exchange Online, authentication level",
    "authentication",
    microsoft(
      "550 5.7.515 Access denied, sending domain EXAMPLE.JP doesn't meet the required authentication level.",
      "5.7.515",
    ),
  ),
  bounce(
    "Exchange Online, domain does not exist",
    "host-unknown",
    microsoft(
      "550 5.4.310 DNS domain example.net does not exist [Message=InfoDomainNonexistent]",
      "5.4.310",
    ),
  ),
  bounce(
    "Exchange Online, expired",
    "expired",
    microsoft("550 5.4.300 Message expired -> 451 4.4.1 Connection timed out", "5.4.300"),
  ),
  bounce(
    "Exchange 2003, unknown account",
    "user-unknown",
    plain(
      "System Administrator <postmaster@example.net>",
      "Undeliverable: News",
      "Your message\n\n  To:      hanako@example.net\n  Subject: News\n  Sent:    Mon, 2 Nov 2026 10:00:00 +0900\n\ndid not reach the following recipient(s):\n\nhanako@example.net on Mon, 2 Nov 2026 10:00:03 +0900\n    The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address, or contact the recipient directly to find out the correct address.\n    <mail.example.net #5.1.1>\n",
    ),
  ),
  // Others
  bounce(
    "Apache James",
    "user-unknown",
    plain(
      "Postmaster <postmaster@example.net>",
      "[BOUNCE]",
      `Hi. This is the James mail server at example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.  Below\nI include the list of recipients and the reason why I was unable to deliver\nyour message.\n\nFailed recipient(s):\nhanako@example.net\n\nError message:\n550 5.1.1 <hanako@example.net>: User unknown\n\nMessage details:\n  Subject: spam\n  MAIL FROM: news@example.jp\n  RCPT TO: hanako@example.net\n`,
    ),
  ),
  bounce(
    "Domino, public address book",
    "user-unknown",
    plain(
      "postmaster@example.net",
      "DELIVERY FAILURE: User Hanako not listed in public Name & Address Book",
      "Your message\n\n  Subject: News\n\nwas not delivered to:\n\n  hanako@example.net\n\nbecause:\n\n  User Hanako (hanako@example.net) not listed in public Name & Address Book\n",
    ),
  ),
  bounce(
    "MailMarshal",
    "user-unknown",
    plain(
      "postmaster@example.net",
      'Undeliverable Mail: "spam"',
      "Your message:\n   From:    news@example.jp\n   Subject: spam and virus\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\nThe following recipients were affected: \n   hanako@example.net\n\nAdditional Information\n======================\n",
    ),
  ),
  bounce(
    "InterScan MSS",
    "user-unknown",
    plain(
      "InterScan MSS <postmaster@example.net>",
      "メッセージを配信できません。",
      "Sent >>> RCPT TO:<hanako@example.net>\nReceived <<< 550 5.1.1 <hanako@example.net>... User unknown\nUnable to deliver message to <hanako@example.net>\n",
    ),
  ),
  bounce(
    "MailFoundry, over quota",
    "mailbox-full",
    plain(
      "MAILER-DAEMON@example.net",
      "Message delivery has failed",
      "Unable to deliver message to: <hanako@example.net>\nDelivery failed for the following reason:\nServer mx.example.net[192.0.2.3] failed with: 552 hanako@example.net mailbox quota exceeded\n\nThis has been a permanent failure.  No further delivery attempts will be made.\n\n---- The following is the header of the message ----\n",
    ),
  ),
  bounce(
    "1&1, size",
    "too-large",
    plain(
      '"Mail Delivery System" <mailer-daemon@kundenserver.de>',
      "Mail delivery failed: returning message to sender",
      "This message was created automatically by mail delivery software (TrafficMgmt).\n\nA message that you sent could not be delivered to\none or more of its recipients. This is a permanent error. The following address\nfailed:\n\nhanako@example.net\n\nMail size limit exceeded. For explanation visit\nhttp://postmaster.1and1.com/en/error-messages\n\n--- The header of the original message is following. ---\n\nReceived: from x\n",
    ),
  ),
  bounce(
    "X6, recipient refused",
    "user-unknown",
    plain(
      "Mail Delivery System <postmaster@example.net>",
      "There was an error sending your mail",
      "We had trouble delivering your message. Full details follow:\n\nSubject: 'News'\nDate: 'Mon, 2 Nov 2026 10:00:00 +0900'\n\n1 error(s):\n\nSMTP Server <mx.example.net> rejected recipient <hanako@example.net> (Error following RCPT command). It responded as follows: [550 unknown user]\n",
    ),
  ),
  bounce(
    "Zoho, host not reachable",
    "expired",
    plain(
      "mailer-daemon@mail.zoho.com",
      "Undelivered Mail Returned to Sender",
      "This message was created automatically by mail delivery software.\nA message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n[Status: Error, Address: <hanako@example.net>, ResponseCode 421, , Host not reachable.]\n\nReceived:from mail.zoho.com by mx.zohomail.com\n",
    ),
  ),
  bounce(
    "Biglobe, full mailbox",
    "mailbox-full",
    plain(
      "postmaster@biglobe.ne.jp",
      "Returned mail",
      "   ----- The following addresses had delivery problems -----\nhanako@xxx.biglobe.ne.jp\n\n   ----- Non-delivered information -----\nThe number of messages in recipient's mailbox exceeded the local limit.\n",
    ),
  ),
  bounce(
    "au one net, full mailbox",
    "mailbox-full",
    plain(
      "no-reply@app.auone-net.jp",
      "Mail delivery failed",
      "Your mail sent on: Mon, 2 Nov 2026 10:00:00 +0900\n\n\tCould not be delivered to: <hanako@xx.auone-net.jp>\n\n\tAs their mailbox is full.\n\nPlease try again later.\n",
    ),
  ),
  bounce("InterMail, unknown user", "user-unknown", interMail("5.1.1", "550 5.1.1 User unknown")),
  bounce(
    "InterMail, SoftBank",
    "user-unknown",
    interMail("5.1.1", "Invalid recipient: <hanako@softbank.ne.jp>", "hanako@softbank.ne.jp"),
  ),
  bounce("InterMail, full mailbox", "mailbox-full", interMail("5.2.2", "552 5.2.2 Mailbox full")),
  bounce("InterMail, refused", "policy", interMail("5.7.1", "554 5.7.1 Service refused")),
  bounce(
    "ezweb, refused without a reason",
    "policy",
    plain(
      "Mail Administrator <Postmaster@ezweb.ne.jp>",
      "Mail System Error - Returned Mail",
      `Each of the following recipients was rejected by a remote mail server.\n----------------------------------------------------\n${original}`,
    ),
  ),
  bounce(
    "ezweb, over quota",
    "mailbox-full",
    plain(
      "Mail Administrator <Postmaster@ezweb.ne.jp>",
      "Mail System Error - Returned Mail",
      "The user(s) account is temporarily over quota.\n\n<hanako@ezweb.ne.jp>\n",
    ),
  ),
  bounce(
    "ezweb, suspended for now",
    "suspended",
    plain(
      "Mail Administrator <Postmaster@ezweb.ne.jp>",
      "Mail System Error - Returned Mail",
      "次のあて先へのメッセージはエラーのため送信できませんでした。\n\nThe user(s) account is temporarily limited.\n\n<hanako@ezweb.ne.jp>\n",
    ),
  ),
  bounce(
    "Japanese provider, no such address",
    "user-unknown",
    plain(
      "メール配送システム <postmaster@example.ne.jp>",
      "配信エラー(宛先不明)",
      "下記のアドレスにメールを配信できませんでした。\n\n<hanako@example.ne.jp>\n\n宛先のメールアドレスは存在しません。\n",
    ),
  ),
  bounce(
    "Japanese provider, receipt refused",
    "policy",
    plain(
      "メール配送システム <postmaster@example.ne.jp>",
      "配信不能のお知らせ",
      "下記のアドレスにメールを配信できませんでした。\n\n<hanako@example.ne.jp>\n\n受信者の受信拒否設定により拒否されました。\n",
    ),
  ),
  bounce(
    "Japanese provider, full box",
    "mailbox-full",
    plain(
      "メール配送システム <postmaster@example.ne.jp>",
      "配信不能のお知らせ",
      "下記のアドレスにメールを配信できませんでした。\n\n<hanako@example.ne.jp>\n\nメールボックスの容量が上限に達しています。\n",
    ),
  ),
  bounce(
    "Courier, refused at RCPT",
    "user-unknown",
    report(
      "postmaster@example.net",
      "NOTICE: mail delivery status.",
      "This is a delivery status notification from mail.example.net,\nrunning the Courier mail server, version 0.65.2.\n\n                           UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<hanako@example.net>:\n    mx.example.net [192.0.2.3]:\n>>> RCPT TO:<hanako@example.net>\n<<< 550 User unknown\n",
      "Reporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822; hanako@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 User unknown\n",
    ),
  ),
  bounce(
    "OpenSMTPD, no route",
    "network",
    plain(
      "Mailer Daemon <MAILER-DAEMON@example.net>",
      "Delivery status notification: error",
      "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\nhanako@example.net: Network error on destination MXs\n\n    Below is a copy of the original message:\n\nReceived: x\n",
    ),
  ),
  bounce(
    "Facebook, recipient's wish",
    "policy",
    report(
      "Facebook <mailer-daemon@mx-out.facebook.com>",
      "Sorry, your message could not be delivered",
      "This message was created automatically by Facebook.\n\nSorry, your message could not be delivered.\n",
      "Reporting-MTA: dns; 10.138.205.200\n\nFinal-Recipient: rfc822; hanako@facebook.com\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 RCP-P2 http://postmaster.facebook.com/response_codes#rcp Refused due to recipient preferences\n",
    ),
  ),
  bounce(
    "Barracuda",
    "spam",
    report(
      "postmaster@example.net",
      "**Message you sent blocked by our bulk email filter**",
      "Your message to: hanako@example.net\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN DELIVERED:\n\nSubject: News\n",
      "Reporting-MTA: dns; mail.example.net\n\nFinal-Recipient: rfc822; hanako@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 Message content rejected, UBE, id=00000-01\n",
    ),
  ),
  bounce(
    "Yahoo, full",
    "mailbox-full",
    plain(
      "MAILER-DAEMON@yahoo.com",
      "Failure Notice",
      "Sorry, we were unable to deliver your message to the following address.\n\n<hanako@yahoo.com>:\n552: 1 Requested mail action aborted, mailbox not found over quota\n\n--- Below this line is a copy of the message.\n\nReceived: x\n",
    ),
  ),
  bounce(
    "Yandex, blocked by spam filter",
    "spam",
    report(
      "mailer-daemon@yandex.ru",
      "Undelivered mail",
      "This is the mail system at host yandex.ru.\n\n<hanako@example.net>: host mx.example.net[192.0.2.3] said: 554 5.7.1 [2] Message rejected under suspicion of SPAM (in reply to end of DATA command)\n",
      "Reporting-MTA: dns; yandex.ru\n\nFinal-Recipient: rfc822; hanako@example.net\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 554 5.7.1 [2] Message rejected under suspicion of SPAM\n",
    ),
  ),
  bounce(
    "a delay warning that gives no reason",
    "expired",
    plain(
      "Mail Delivery System <MAILER-DAEMON@example.net>",
      "Warning: message delayed 4 hours",
      "THIS IS A WARNING MESSAGE ONLY. YOU DO NOT NEED TO RESEND.\n\nYour message could not be delivered so far to:\n\n<hanako@example.net>\n",
    ),
  ),
  {
    name: "Exim, two recipients, two reasons",
    kind: "bounce",
    reasons: ["user-unknown", "policy"],
    text: plain(
      "Mail Delivery System <Mailer-Daemon@mail.example.net>",
      "Mail delivery failed: returning message to sender",
      `${eximIntro}\n  hanako@example.net\n    host mx.example.net [192.0.2.3]\n    SMTP error from remote mail server after RCPT TO:<hanako@example.net>:\n    550 5.1.1 unknown\n  taro@example.com\n    host mx.example.com [192.0.2.4]\n    SMTP error from remote mail server after end of data:\n    554 5.7.1 rejected by policy\n${eximTail}`,
    ),
  },
  // Not bounces
  {
    name: "out of office",
    kind: "auto-reply",
    text: plain(
      "Hanako <hanako@example.net>",
      "Out of Office: News",
      "I am out of the office until Monday. My old mailbox is full.",
      "Auto-Submitted: auto-replied\n",
    ),
  },
  {
    name: "Japanese vacation",
    kind: "auto-reply",
    text: plain(
      "花子 <hanako@example.net>",
      "【自動返信】不在のお知らせ",
      "ただいま休暇をいただいております。配信停止ではありません。",
    ),
  },
  {
    name: "vacation program",
    kind: "auto-reply",
    text: plain(
      "hanako@example.net",
      "Re: News",
      "I will be on vacation until Friday.",
      "Precedence: junk\n",
    ),
  },
  {
    name: "X-Autoreply",
    kind: "auto-reply",
    text: plain(
      "hanako@example.net",
      "Thank you",
      "We have received your mail.",
      "X-Autoreply: yes\n",
    ),
  },
  {
    name: "a read receipt",
    kind: "auto-reply",
    text: `From: hanako@example.net\nTo: news@example.jp\nSubject: Read: News\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour message was displayed.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;hanako@example.net\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n`,
  },
  {
    name: "a success report",
    kind: "auto-reply",
    text: report(
      "MAILER-DAEMON@example.net",
      "Successful Mail Delivery Report",
      "Your message was successfully delivered.",
      "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; hanako@example.net\nAction: delivered\nStatus: 2.0.0\nDiagnostic-Code: smtp; 250 ok\n",
    ),
  },
  {
    name: "an abuse report",
    kind: "complaint",
    text: `From: feedback@example.com\nTo: fbl@example.jp\nSubject: FW: News\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\nOriginal-Rcpt-To: <hanako@example.net>\n\n--b\nContent-Type: message/rfc822\n\n${original}\n--b--\n`,
  },
  {
    name: "a Microsoft junk report",
    kind: "complaint",
    text: `From: staff@hotmail.com\nTo: fbl@example.jp\nSubject: complaint about message from 192.0.2.9\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: hanako@hotmail.com\n${original}\n--b--\n`,
  },
  {
    name: "an opt-out by reply",
    kind: "unsubscribe",
    text: plain("花子 <hanako@example.net>", "Re: お知らせ", "配信停止をお願いします。").replace(
      "Return-Path: <>",
      "Return-Path: <hanako@example.net>",
    ),
  },
  {
    name: "Apple Mail's button, to the opt-out mailbox",
    kind: "unsubscribe",
    text: appleMail("unsubscribe+1@gw.example.jp"),
  },
  {
    name: "Apple Mail's button, to a mailbox of the tool's own",
    kind: "unsubscribe",
    text: appleMail("reply@gw.example.jp"),
  },
  {
    name: "a wish to stop, written by somebody whose mail program marks it",
    kind: "unsubscribe",
    text: "Return-Path: <hanako@example.net>\nFrom: hanako@example.net\nTo: unsubscribe+1@gw.example.jp\nSubject: unsubscribe\nX-Auto-Response-Suppress: All\n\nThis is on vacation list, please stop: out of office news\n",
  },
  {
    name: "a question about an order",
    kind: "unclear",
    text: plain(
      "花子 <hanako@example.net>",
      "Re: お知らせ",
      "注文した商品の色を教えてください。",
    ).replace("Return-Path: <>", "Return-Path: <hanako@example.net>"),
  },
  {
    name: "a person who writes about a failed delivery of a parcel",
    kind: "unclear",
    text: plain(
      "花子 <hanako@example.net>",
      "Re: お知らせ",
      "My parcel could not be delivered yesterday. When will you try again?",
    ).replace("Return-Path: <>", "Return-Path: <hanako@example.net>"),
  },
];
