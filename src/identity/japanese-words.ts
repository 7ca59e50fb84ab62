// Words in Roman letters that Japanese people put into passwords, and that lists made elsewhere lack.

export const japaneseWords: readonly string[] = `
  aishiteru arigatou arigato konnichiwa konnichiha ohayou ohayo sayonara sayounara konbanwa
  oyasumi tadaima okaeri itadakimasu gochisousama pasuwaado pasuwado pasuwa-do angou himitsu
  naisho kanri kanrisha kanrinin shain shainbangou kaisha kabushiki kabushikigaisha yuugen eigyou
  eigyo soumu jinji keiri kouhou senden haishin meruhaishin merumaga tantou tantousha bucho
  buchou kachou shachou shacho nihon nippon toukyou tokyo oosaka osaka kyouto kyoto nagoya
  yokohama sapporo fukuoka hiroshima sendai koube kobe okinawa fujisan sakura himawari tanpopo
  momiji asagao tsubaki ajisai tanaka suzuki satou sato takahashi itou watanabe yamamoto nakamura
  kobayashi katou kato yoshida yamada sasaki yamaguchi matsumoto inoue kimura hayashi saitou
  saito shimizu yamazaki mori abe ikeda hashimoto ishikawa yamashita ogawa ishii hasegawa gotou
  tarou taro hanako ichirou jirou saburou takeshi hiroshi kenji akira makoto satoshi daisuke
  shouta shota tsubasa haruto yuuto yuki yuuki haruka misaki ayaka nanami miyuki keiko yoshiko
  neko inu usagi kuma tora ryuu doraemon pikachu totoro anpanman gundam evangelion naruto
  onepiece dragonball pokemon kitty mario hanshin tigers giants kyojin dragons hawks carp
  swallows baystars ichi nii san yon goo roku nana hachi kyuu juu hyaku sen qwertyuiop asdfghjkl
  zxcvbnm 1qaz2wsx 1qazxsw2 zaq12wsx q1w2e3r4
`
  .trim()
  .split(/\s+/);
