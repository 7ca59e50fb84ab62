import { loadReplyClassifier } from "../src/cli/reply-classifier.ts";
import { explainReturned } from "../src/feedback/explain.ts";
import { readOptOut } from "../src/feedback/opt-out.ts";
const c=loadReplyClassifier();
const head="From: MAILER-DAEMON@x.example\nReturn-Path: <>\nSubject: Undelivered Mail\n\nYour message could not be delivered\n";
const rep=(s:string,n=1_500_000)=>s.repeat(Math.ceil(n/s.length)).slice(0,n);
for (const unit of ["a"," ","<","@","- ","user ","\n","550 ","550-5.1.1 ","a@b.example\n","<a@b.example>: ","domain of sender ","mailbox ","reason: (","(reason: x\n "," said: ","Remote host said: ","<<< 550 x\n",">>> DATA\n","Final-Recipient: rfc822; a@b.c\n","Status: 5.1.1\n\n","=?utf-8?q?","--b\n","<p","&lt;","日本","Feedback-Type: ", "account ", "SMTP error from remote mail server after ", "gave this error: ", "address address ", "exceed the the the ", "1.2.3.", "a.", "From: x\n", "On x wrote: ", "配信", "停止", "> ", "Action: failed\nStatus: 5.1.1\n\n", "(", "wrote:\n","-----\n"]) {
  for (const [kind,msg] of [["body",head+rep(unit)],["header","X: "+rep(unit).replace(/\n/g," ")+"\n"+head],["subject","Subject: "+rep(unit).replace(/\n/g," ")+"\nFrom: MAILER-DAEMON@x\n\nhi"],["oneliner",head+rep(unit).replace(/\n/g," ")]] as const) {
    const t=performance.now(); explainReturned(Buffer.from(msg),c); const ms=performance.now()-t;
    if(ms>250) console.log(kind,JSON.stringify(unit),Math.round(ms));
  }
  const t=performance.now(); readOptOut({subject:rep(unit,2000),text:rep(unit,200_000)}); const ms=performance.now()-t; if(ms>50) console.log("optout",JSON.stringify(unit),Math.round(ms));
}
let many=head; for(let i=0;i<20000;i++) many+=`Final-Recipient: rfc822; a${i}@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n`;
let t=performance.now(); console.log(explainReturned(Buffer.from(many),c).recipients.length, performance.now()-t);
many=head; for(let i=0;i<20000;i++) many+=`<a${i}@b.example>: 550 5.1.1 user unknown\n`;
t=performance.now(); console.log(explainReturned(Buffer.from(many),c).recipients.length, performance.now()-t);
many="From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: message/delivery-status\n\n"; for(let i=0;i<5000;i++) many+=`Final-Recipient: rfc822; a${i}@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n`; many+="--b--\n";
t=performance.now(); console.log(explainReturned(Buffer.from(many),c).recipients.length, performance.now()-t);
