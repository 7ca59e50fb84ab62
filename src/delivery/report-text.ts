// The words of a delivery report, in Japanese and English.

export const reportText = {
  subject: {
    ja: "配信できませんでした / Undelivered mail",
    en: "Undelivered mail",
  },
  delayedSubject: {
    ja: "配信が遅れています / Delayed mail",
    en: "Delayed mail",
  },
  relayedSubject: {
    ja: "相手先サーバーに引き渡しました / Mail handed on",
    en: "Mail handed on",
  },
  delayed: {
    ja: "次の宛先への配信が遅れています。再送を続けますので、何もする必要はありません。最後の応答は次のとおりです。",
    en: "Delivery to this recipient is delayed. It will be tried further; you need not do anything. The last answer was:",
  },
  relayed: {
    ja: "次の宛先へのメールを相手先サーバーに引き渡しました。このサーバーは配信確認に対応していないため、これ以降の通知はありません。",
    en: "Your message was handed on to the recipient's server, which offers no delivery reports: no further word will follow.",
  },
  failed: {
    ja: "次の宛先にメールを配信できませんでした。再送は行いません。相手先の応答は次のとおりです。",
    en: "Your message could not be delivered to this recipient and will not be tried again. The receiving side said:",
  },
  expired: {
    ja: "次の宛先への配信を期限まで繰り返しましたが、配信できませんでした。最後の応答は次のとおりです。",
    en: "Delivery to this recipient was tried until the message's time ran out. The last answer was:",
  },
  dropped: {
    ja: "次の宛先への配信を取りやめました。送信待ちの間に、送信できない状態になったためです。",
    en: "Your message was not sent to this recipient: while it waited, sending to it ceased to be allowed.",
  },
  uncertain: {
    ja: "次の宛先への配信結果を確認できませんでした。届いている可能性があります。再送は行いません。",
    en: "It is not known whether this recipient got your message: it may have. It will not be tried again.",
  },
  perhaps: {
    ja: "ただし、それ以前の送信の結果を確認できていないため、届いている可能性があります。",
    en: "An earlier attempt ended without an answer, however: this recipient may have got your message.",
  },
  reference: { ja: "照会番号", en: "Reference" },
} as const;
