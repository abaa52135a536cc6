//! Values that several commands take.

use std::time::Duration;
use ureq::http::Uri;

/// The URL of a provider's service: `http` or `https`, a host, and no password, which would stand in the file of pins and in messages.
pub fn service_url(text: &str) -> Result<String, String> {
    let expected = |found: &str| {
        format!(
            "expected the URL of a service, as in http://127.0.0.1:8080 or https://provider.example, found {found}"
        )
    };
    let uri: Uri = text.parse().map_err(|_| expected(&format!("{text:?}")))?;
    let authority = uri.authority().map(|a| a.as_str()).unwrap_or_default();
    if authority.contains('@') {
        return Err(expected("one with a user's name or password"));
    }
    // The parser of URIs looks at the port only when it is asked for it.
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    let port = port.filter(|port| !port.ends_with(']'));
    let whole = uri.host().is_some_and(|host| !host.is_empty())
        && matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.query().is_none()
        && port.is_none_or(|port| port.parse::<u16>().is_ok());
    match whole {
        true => Ok(text.to_owned()),
        false => Err(expected(&format!("{text:?}"))),
    }
}

/// A number of seconds, with a fraction or without.
pub fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| format!("expected a number of seconds, found {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_scheme_and_a_host() {
        for url in [
            "http://127.0.0.1:8080",
            "https://provider.example",
            "https://provider.example/models/",
            "http://[::1]:8080",
            "http://[::1]",
        ] {
            assert_eq!(service_url(url).as_deref(), Ok(url));
        }
        for text in [
            "",
            "provider",
            "127.0.0.1:8080",
            "ftp://provider.example",
            "http://",
            "http://host:99999",
            "http://host:",
            "http://host/?model=a",
            "http://a host",
        ] {
            let error = service_url(text).unwrap_err();
            assert!(error.contains("as in http://127.0.0.1:8080"), "{text}: {error}");
        }
        let error = service_url("http://me:secret@host").unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
}
