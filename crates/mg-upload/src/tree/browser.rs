//! Addresses as people copy them from a browser, and sharing links.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use url::Url;

use super::fold;
use crate::error::Error;

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A folder by its path on a SharePoint host.
    Path {
        /// The host.
        host: String,
        /// The names of the path, decoded.
        names: Vec<String>,
    },
    /// A sharing link: only the service knows what it leads to.
    Link,
}

/// Reads an address.
pub fn read(address: &str) -> Result<Address, Error> {
    let unusable = |why: &str| Error::InvalidInput(format!("the destination's URL cannot be used: {why}"));
    let url = Url::parse(address.trim()).map_err(|_| unusable("it is no URL"))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(unusable("it is no web address"));
    }
    let host = url.host_str().ok_or_else(|| unusable("it has no host"))?.to_ascii_lowercase();
    let own: Vec<String> = names(url.path());
    // `/:f:/s/…` is a link, and so is everything on the hosts of personal drives.
    let is_link =
        own.first().is_some_and(|first| first.len() == 3 && first.starts_with(':') && first.ends_with(':'));
    if is_link || ["1drv.ms", "onedrive.live.com"].contains(&host.as_str()) {
        return Ok(Address::Link);
    }
    let shown =
        url.query_pairs().find(|(name, _)| ["id", "rootfolder"].contains(&name.to_lowercase().as_str()));
    let names = match shown.filter(|(_, path)| path.starts_with('/')) {
        Some((_, path)) => path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        None => without_page(own),
    };
    match names.iter().any(|name: &String| name == "." || name == "..") {
        true => Err(unusable("its path has dots for a name")),
        false => Ok(Address::Path { host, names }),
    }
}

/// The folder that a page shows: what stands before `Forms/AllItems.aspx`, or before `_layouts`.
fn without_page(mut names: Vec<String>) -> Vec<String> {
    if let Some(at) = names.iter().position(|name| name.eq_ignore_ascii_case("_layouts")) {
        names.truncate(at);
    }
    if names.last().is_some_and(|last| last.to_ascii_lowercase().ends_with(".aspx")) {
        names.pop();
        names.pop_if(|last| last.eq_ignore_ascii_case("forms"));
    }
    names
}

/// The names of a URL's path, decoded.
pub fn names(path: &str) -> Vec<String> {
    let decode = |name: &str| percent_decode_str(name).decode_utf8_lossy().into_owned();
    path.split('/').filter(|name| !name.is_empty()).map(decode).collect()
}

/// The token by which `/shares` knows a link.
pub fn share_token(link: &str) -> String {
    format!("u!{}", URL_SAFE_NO_PAD.encode(link.trim()))
}

/// How many names of the path belong to the site: sites, teams and personal sites have two.
pub fn site_names(names: &[String]) -> usize {
    let is_kind =
        |name: &String| ["sites", "teams", "personal"].iter().any(|kind| name.eq_ignore_ascii_case(kind));
    if names.first().is_some_and(is_kind) { names.len().min(2) } else { 0 }
}

/// Of several libraries, by their addresses, the one that holds a path, and the names of the path in it: the longest
/// address that the path begins with.
pub fn library_of<'a>(
    addresses: impl IntoIterator<Item = &'a str>,
    host: &str,
    path: &[String],
) -> Option<(usize, Vec<String>)> {
    let inside = |address: &str| {
        let url = Url::parse(address).ok()?;
        let own = names(url.path());
        let is_prefix = own.len() <= path.len()
            && own.iter().zip(path).all(|(own, name)| fold::key(own) == fold::key(name));
        (url.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host)) && is_prefix).then_some(own.len())
    };
    let all =
        addresses.into_iter().enumerate().filter_map(|(index, address)| Some((inside(address)?, index)));
    let (length, index) = all.max_by_key(|(length, _)| *length)?;
    Some((index, path[length..].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(address: &str) -> String {
        match read(address) {
            Ok(Address::Path { host, names }) => format!("{host}|{}", names.join("|")),
            Ok(Address::Link) => "link".into(),
            Err(_) => "error".into(),
        }
    }

    #[test]
    fn addresses_as_they_are_copied() {
        for (address, read) in [
            (
                "https://contoso.sharepoint.com/sites/Ops/Shared%20Documents/Images",
                "contoso.sharepoint.com|sites|Ops|Shared Documents|Images",
            ),
            (
                "https://contoso.sharepoint.com/sites/Ops/Shared Documents/Images",
                "contoso.sharepoint.com|sites|Ops|Shared Documents|Images",
            ),
            (
                "https://contoso.sharepoint.com/sites/X/Shared%20Documents/Forms/AllItems.aspx?id=%2Fsites%2FX%2FShared%20Documents%2FA%2FB&viewid=1&p=true",
                "contoso.sharepoint.com|sites|X|Shared Documents|A|B",
            ),
            (
                "https://contoso.sharepoint.com/sites/X/Shared%20Documents/Forms/AllItems.aspx",
                "contoso.sharepoint.com|sites|X|Shared Documents",
            ),
            (
                "https://contoso.sharepoint.com/sites/X/Docs/Forms/AllItems.aspx?RootFolder=%2Fsites%2FX%2FDocs%2FA",
                "contoso.sharepoint.com|sites|X|Docs|A",
            ),
            (
                "https://contoso-my.sharepoint.com/personal/u_contoso_com/_layouts/15/onedrive.aspx?id=%2Fpersonal%2Fu%5Fcontoso%5Fcom%2FDocuments%2FA",
                "contoso-my.sharepoint.com|personal|u_contoso_com|Documents|A",
            ),
            (
                "https://contoso-my.sharepoint.com/personal/u_contoso_com/_layouts/15/onedrive.aspx",
                "contoso-my.sharepoint.com|personal|u_contoso_com",
            ),
            (
                "https://CONTOSO.sharepoint.com/sites/X/Docs/A?web=1&csf=1&e=abc",
                "contoso.sharepoint.com|sites|X|Docs|A",
            ),
            ("https://contoso.sharepoint.com", "contoso.sharepoint.com|"),
            (
                "https://contoso.sharepoint.com/sites/X/Docs/100%25/a%23b",
                "contoso.sharepoint.com|sites|X|Docs|100%|a#b",
            ),
            ("https://contoso.sharepoint.com/:f:/s/Ops/EuAbc?e=x", "link"),
            ("https://1drv.ms/f/s!abc", "link"),
            ("https://onedrive.live.com/?id=root", "link"),
            ("https://h/sites/x?id=/a/../b", "error"),
            ("ftp://h/x", "error"),
            ("contoso.sharepoint.com/sites/Ops", "error"),
        ] {
            assert_eq!(path(address), read, "{address}");
        }
        assert_eq!(share_token("https://1drv.ms/f/s!a"), "u!aHR0cHM6Ly8xZHJ2Lm1zL2YvcyFh");
    }

    #[test]
    fn the_longest_library_holds_the_path() {
        let libraries = [
            "https://h/sites/X/Docs",
            "https://H/sites/X/Docs/Sub%20Lib",
            "https://h/sites/X/Do",
            "https://i/sites/X/Docs/Sub%20Lib/A",
        ];
        let of = |path: &str| library_of(libraries, "h", &names(path));
        assert_eq!(of("/sites/x/docs/Sub%20lib/A"), Some((1, vec!["A".into()])));
        assert_eq!(of("/sites/X/Docs/Sub"), Some((0, vec!["Sub".into()])));
        assert_eq!(of("/sites/X/Docs"), Some((0, vec![])));
        assert_eq!(of("/sites/X/Dox"), None);
        for (path, count) in [
            ("/sites/X/Docs", 2),
            ("/teams/x", 2),
            ("/personal/u/Documents", 2),
            ("/Docs/A", 0),
            ("/sites", 1),
            ("", 0),
        ] {
            assert_eq!(site_names(&names(path)), count, "{path}");
        }
    }
}
