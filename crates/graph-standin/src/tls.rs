//! A certificate authority made on the spot, and a certificate for localhost.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use std::{error::Error, fs, path::Path, sync::Arc};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer},
    },
};

/// Writes the authority's certificate to `cert.pem` in the folder.
pub(crate) fn acceptor(folder: &Path) -> Result<TlsAcceptor, Box<dyn Error>> {
    let mut authority = CertificateParams::new(Vec::<String>::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(rcgen::DnType::CommonName, "graph-standin");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    leaf.distinguished_name.push(rcgen::DnType::CommonName, "localhost");
    leaf.use_authority_key_identifier_extension = true;
    let leaf = leaf.signed_by(&key, &authority)?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join("cert.pem"), authority.pem())?;
    let chain = vec![leaf.der().clone(), CertificateDer::from(authority.der().to_vec())];
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
