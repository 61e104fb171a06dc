/**
 * Digits after the point that a currency is settled in: ISO 4217 minor units for national currencies
 * (list of 2024-06-25), 8 for everything else, which is what crypto venues book in.
 */
export function currencyPrecision(currency: string): number {
  if (threeDigits.has(currency)) return 3;
  if (noDigits.has(currency)) return 0;
  return twoDigits.has(currency) ? 2 : 8;
}

const threeDigits = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));
const noDigits = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const twoDigits = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK ' +
    'DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK ' +
    'LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON ' +
    'RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD ' +
    'YER ZAR ZMW ZWG CNH'
  ).split(' '),
);
