//! How the library is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Threads wind down after their client is freed: their code must stay when the host closes the library. Where there
    // is no such flag, `guest::stay_loaded` does it.
    let is = |name: &str, wanted: &str| std::env::var(name).is_ok_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_FAMILY", "unix") && !is("CARGO_CFG_TARGET_VENDOR", "apple") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
