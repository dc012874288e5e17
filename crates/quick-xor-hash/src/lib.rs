//! quickXorHash, the 160-bit hash that OneDrive and SharePoint report for files
//! (<https://learn.microsoft.com/onedrive/developer/code-snippets/quickxorhash>).
//!
//! Byte `i` is XORed in at bit `11 i mod 160`. Since `11 · 160 ≡ 0 (mod 160)`, bytes 160 apart meet the same bits:
//! the input is first folded, by plain XOR, into one row of 160 lanes, and the lanes are placed once at the end.
//!
//! An equal hash proves neither the order of aligned fragments nor the absence of an even number of repeated ones:
//! 320 KiB is a multiple of 160. Order is the engine's job.

#![deny(unsafe_code)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use rows::fold;

mod rows;

const LANES: usize = 160;

/// A hash in the making. Feeding it in any split gives the same result.
#[derive(Clone)]
pub struct QuickXor {
    lanes: [u8; LANES],
    len: u64,
}

impl Default for QuickXor {
    fn default() -> Self {
        QuickXor { lanes: [0; LANES], len: 0 }
    }
}

impl QuickXor {
    /// How many bytes have been fed.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing has been fed.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Feeds the next bytes.
    pub fn update(&mut self, data: &[u8]) {
        let lane = (self.len % LANES as u64) as usize;
        self.len += data.len() as u64;
        let (head, rows) = data.split_at(data.len().min((LANES - lane) % LANES));
        xor(&mut self.lanes[lane..], head);
        let (rows, tail) = rows.split_at(rows.len() - rows.len() % LANES);
        xor(&mut self.lanes, &fold(rows));
        xor(&mut self.lanes, tail);
    }

    /// The hash as its 20 bytes.
    pub fn digest(&self) -> [u8; 20] {
        let mut bits = [0u8; 20];
        for (lane, &value) in self.lanes.iter().enumerate() {
            let at = lane * 11 % 160;
            let spread = u16::from(value) << (at % 8);
            bits[at / 8] ^= spread as u8;
            bits[(at / 8 + 1) % 20] ^= (spread >> 8) as u8;
        }
        xor(&mut bits[12..], &self.len.to_le_bytes());
        bits
    }

    /// The hash as Graph writes it.
    pub fn base64(&self) -> String {
        STANDARD.encode(self.digest())
    }
}

fn xor(into: &mut [u8], from: &[u8]) {
    for (a, b) in into.iter_mut().zip(from) {
        *a ^= b;
    }
}

/// Whether a hash that the service reports is `digest`. It writes base64, Personal has also written 40 hex digits.
pub fn matches(reported: &str, digest: &[u8; 20]) -> bool {
    let reported = reported.trim();
    if reported.len() == 40 {
        return digest.iter().enumerate().all(|(i, byte)| {
            reported.get(2 * i..2 * i + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()) == Some(*byte)
        });
    }
    STANDARD.decode(reported).is_ok_and(|bytes| bytes == digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(digest: &[u8; 20]) -> String {
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn naive(data: &[u8]) -> [u8; 20] {
        let mut v = [0u8; 20];
        for (i, byte) in data.iter().enumerate() {
            for bit in 0..8 {
                if byte >> bit & 1 == 1 {
                    let at = (i * 11 + bit) % 160;
                    v[at / 8] ^= 1 << (at % 8);
                }
            }
        }
        xor(&mut v[12..], &(data.len() as u64).to_le_bytes());
        v
    }

    /// The vectors are shared with other runners: `tests/vectors/quickxorhash.json`.
    #[test]
    fn the_published_vectors_hold() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/quickxorhash.json");
        let vectors: Vec<serde_json::Value> =
            serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert!(vectors.len() > 20);
        for vector in vectors {
            let len = vector["bytes"].as_u64().unwrap() as usize;
            let data: Vec<u8> = match vector["pattern"].as_str().unwrap() {
                "text" => vector["text"].as_str().unwrap().into(),
                "constant" => vec![vector["value"].as_u64().unwrap() as u8; len],
                "counter" => {
                    (0..len).map(|i| (i as u64 % vector["modulus"].as_u64().unwrap()) as u8).collect()
                }
                other => panic!("unknown pattern {other}"),
            };
            assert_eq!(data.len(), len);
            let mut hash = QuickXor::default();
            hash.update(&data);
            assert_eq!(hash.base64(), vector["base64"].as_str().unwrap(), "{vector}");
            assert!(matches(vector["hex"].as_str().unwrap(), &hash.digest()), "{vector}");
            assert!(matches(vector["base64"].as_str().unwrap(), &hash.digest()), "{vector}");
        }
    }

    proptest! {
        #[test]
        fn any_split_gives_the_naive_hash(data in proptest::collection::vec(any::<u8>(), 0..2000),
                                          cuts in proptest::collection::vec(0usize..2000, 0..5)) {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(data.len())).collect();
            cuts.sort_unstable();
            let mut hash = QuickXor::default();
            let mut from = 0;
            for cut in cuts.into_iter().chain([data.len()]) {
                hash.update(&data[from..cut]);
                from = cut;
            }
            prop_assert_eq!(hash.digest(), naive(&data));
            prop_assert!(matches(&hash.base64(), &hash.digest()));
        }
    }

    #[test]
    fn odd_reports_do_not_match() {
        let digest = QuickXor::default().digest();
        for report in ["", "zz", "é", "0000000000000000000000000000000000000000é", "AAAA"] {
            assert!(!matches(report, &digest), "{report}");
        }
    }

    #[test]
    fn every_byte_of_a_report_counts() {
        let mut hash = QuickXor::default();
        assert!(hash.is_empty());
        hash.update(&[7; 1000]);
        assert_eq!((hash.len(), hash.is_empty()), (1000, false));
        let digest = hash.digest();
        let report = |digest: &[u8; 20]| (STANDARD.encode(digest), hex(digest));
        let (base64, hex) = report(&digest);
        assert!(matches(&format!(" {base64}\n"), &digest) && matches(&hex.to_uppercase(), &digest));
        for at in 0..20 {
            let mut other = digest;
            other[at] ^= 0x10;
            let (base64, hex) = report(&other);
            assert!(!matches(&base64, &digest) && !matches(&hex, &digest), "byte {at}");
        }
    }
}
