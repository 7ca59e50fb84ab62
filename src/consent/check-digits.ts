// Which digits are an Individual Number (マイナンバー) or a payment card's number, by length, issuer and check digit. Neither has
// anything to do in a record of consent, nor in a message that goes to many.

/**
 * Twelve digits with the check digit of 行政手続における特定の個人を識別するための番号の利用等に関する法律 (省令: 平成26年総務省令85号 5条).
 * One in eleven numbers of twelve digits has it, so it proves little by itself.
 */
export function isIndividualNumber(digits: string): boolean {
  if (!/^\d{12}$/.test(digits) || /^(\d)\1+$/.test(digits)) return false;
  let sum = 0;
  for (let n = 1; n <= 11; n += 1) sum += Number(digits.charAt(11 - n)) * (n <= 6 ? n + 1 : n - 5);
  const remainder = sum % 11;
  return (remainder <= 1 ? 0 : 11 - remainder) === Number(digits.charAt(11));
}

/** Issuer ranges of the cards in use in Japan, then ISO/IEC 7812-1's check digit (Luhn). */
export function isCardNumber(digits: string): boolean {
  const issued =
    /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17})$/;
  if (!issued.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - index));
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
