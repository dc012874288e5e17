//! The two hashes that stored bytes get: SHA-256, which tests trust, and quickXorHash, which the service reports.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

const LANES: usize = 160;
const SHIFT: usize = 11;

/// quickXorHash in its lane form: byte `i` is folded into lane `i mod 160`, and the lanes are placed at the end.
#[derive(Clone)]
pub struct QuickXor {
    lanes: [u8; LANES],
    length: u64,
}

impl Default for QuickXor {
    fn default() -> Self {
        Self { lanes: [0; LANES], length: 0 }
    }
}

impl QuickXor {
    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        let at = (self.length % LANES as u64) as usize;
        self.length += bytes.len() as u64;
        if at > 0 {
            let (head, rest) = bytes.split_at(bytes.len().min(LANES - at));
            fold(&mut self.lanes[at..], head);
            bytes = rest;
        }
        for block in bytes.chunks(LANES) {
            fold(&mut self.lanes, block);
        }
    }

    /// The hash of what was taken so far.
    pub fn finish(&self) -> [u8; 20] {
        let mut vector = [0_u8; 20];
        for (lane, byte) in self.lanes.iter().enumerate() {
            let bit = lane * SHIFT % LANES;
            let placed = u16::from(*byte) << (bit % 8);
            vector[bit / 8] ^= placed as u8;
            vector[(bit / 8 + 1) % 20] ^= (placed >> 8) as u8;
        }
        for (byte, length) in vector[12..].iter_mut().zip(self.length.to_le_bytes()) {
            *byte ^= length;
        }
        vector
    }

    /// The hash as the service writes it.
    pub fn base64(&self) -> String {
        STANDARD.encode(self.finish())
    }
}

fn fold(lanes: &mut [u8], bytes: &[u8]) {
    for (lane, byte) in lanes.iter_mut().zip(bytes) {
        *lane ^= byte;
    }
}

/// Both hashes and the length, taken while the bytes pass. A clone is a checkpoint.
#[derive(Clone, Default)]
pub struct Digest {
    sha256: Sha256,
    quick: QuickXor,
}

impl Digest {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.quick.update(bytes);
    }

    /// SHA-256 in lower-case hexadecimal digits.
    pub fn sha256(&self) -> String {
        hex(&self.sha256.clone().finalize())
    }

    /// quickXorHash in base64.
    pub fn quick_xor(&self) -> String {
        self.quick.base64()
    }

    /// quickXorHash in upper-case hexadecimal digits, as personal drives have written it.
    pub fn quick_xor_hex(&self) -> String {
        hex(&self.quick.finish()).to_uppercase()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mod251(length: usize) -> Vec<u8> {
        (0..length).map(|i| (i % 251) as u8).collect()
    }

    fn ramp(times: usize) -> Vec<u8> {
        (0..=255).collect::<Vec<u8>>().repeat(times)
    }

    #[test]
    fn the_published_vectors_hold() {
        let cases: Vec<(Vec<u8>, &str)> = vec![
            (vec![], "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            (b"a".to_vec(), "YQAAAAAAAAAAAAAAAQAAAAAAAAA="),
            (b"abc".to_vec(), "YRDDGAAAAAAAAAAAAwAAAAAAAAA="),
            (b"hello world".to_vec(), "aCgDG9jwBhDc4Q1yawMZAAAAAAA="),
            (b"The quick brown fox jumps over the lazy dog".to_vec(), "bMSlbysmxJL6S75XwfMcQZOpcr4="),
            (vec![0], "AAAAAAAAAAAAAAAAAQAAAAAAAAA="),
            (vec![0xff], "/wAAAAAAAAAAAAAAAQAAAAAAAAA="),
            (vec![0xff; 14], "//jHP/7xj3/84x//9sc//vGPfwA="),
            (vec![0xff; 15], "/PjHP/7xj3/84x//98c//vGPf/w="),
            (vec![0xff; 159], "AAAAAAAAAAAAAAAAnwAAAAAA4B8="),
            (vec![0xff; 160], "AAAAAAAAAAAAAAAAoAAAAAAAAAA="),
            (vec![0xff; 161], "/wAAAAAAAAAAAAAAoQAAAAAAAAA="),
            (ramp(1), "QkGEfSisZcA7k+FCh71r2dbCayY="),
            (ramp(4), "h7xr2dbCayZCQYR9KKhlwDuT4UI="),
            (ramp(5), "AAAAAAAAAAAAAAAAAAUAAAAAAAA="),
            (ramp(4096), "QkGEfSisZcA7k+FCh7x72dbCayY="),
            (vec![0; 1_048_576], "AAAAAAAAAAAAAAAAAAAQAAAAAAA="),
            (mod251(1760), "vTWo8zUUTrHh3p+tbpjj9Sz71N8="),
            (mod251(1761), "vjWo8zUUTrHh3p+tb5jj9Sz71N8="),
            (mod251(1_000_000), "HdE6CZEtWr3VHJPlFJtbLXBwV0c="),
        ];
        for (bytes, expected) in cases {
            let mut hash = QuickXor::default();
            hash.update(&bytes);
            assert_eq!(hash.base64(), expected, "{} bytes", bytes.len());
        }
    }

    #[test]
    fn the_split_does_not_matter() {
        let bytes = mod251(5000);
        let mut whole = Digest::default();
        whole.update(&bytes);
        for step in [1, 7, 159, 160, 161, 1000] {
            let mut parts = Digest::default();
            bytes.chunks(step).for_each(|part| parts.update(part));
            assert_eq!(parts.quick_xor(), whole.quick_xor(), "step {step}");
            assert_eq!(parts.sha256(), whole.sha256(), "step {step}");
        }
    }
}
