//! The database URL: engine, file password, redaction. Text only; nothing is opened here.

use std::path::{Path, PathBuf};

/// The database engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// An embedded file.
    Sqlite,
    /// A server.
    Postgres,
}

/// The engine a URL names, or nothing for a scheme that is not ours.
pub(super) fn engine(url: &str) -> Option<Engine> {
    match url.split_once(':')?.0 {
        "sqlite" => Some(Engine::Sqlite),
        "postgres" | "postgresql" => Some(Engine::Postgres),
        _ => None,
    }
}

/// The URL to open: an empty one becomes `scimd.db` in `dir`, a relative SQLite path starts at
/// `dir`, and the content of `password_file` (where named) becomes the password.
///
/// Errors: the key that is at fault and what is wrong with it.
pub(super) fn resolve(
    url: &str,
    password_file: &str,
    dir: &Path,
) -> Result<String, (&'static str, String)> {
    let scheme_wanted = || {
        let forms = "must be sqlite:PATH or postgres://USER@HOST/NAME";
        ("database_url", forms.to_owned())
    };
    match if url.is_empty() { Some(Engine::Sqlite) } else { engine(url) } {
        None => Err(scheme_wanted()),
        Some(Engine::Sqlite) if !password_file.is_empty() => {
            let problem =
                "is for Postgres; the database is SQLite, which has no password".to_owned();
            Err(("database_password_file", problem))
        }
        Some(Engine::Sqlite) => Ok(sqlite(url, dir)),
        Some(Engine::Postgres) if !url.contains("://") => Err(scheme_wanted()),
        Some(Engine::Postgres) if password_file.is_empty() => Ok(url.to_owned()),
        Some(Engine::Postgres) => with_password(url, &read_password(password_file)?),
    }
}

fn sqlite(url: &str, dir: &Path) -> String {
    let path = url.trim_start_matches("sqlite:");
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.starts_with('/') || path.starts_with(":memory:") {
        return url.to_owned();
    }
    let path = if path.is_empty() { "scimd.db" } else { path };
    // The folder is a plain path, what follows it is already part of a URL.
    let folder = encode(&dir.to_string_lossy(), |byte| b"%?#".contains(&byte));
    match folder.as_str() {
        "" => format!("sqlite:{path}"),
        folder => format!("sqlite:{}/{path}", folder.trim_end_matches('/')),
    }
}

/// The file of a SQLite URL; nothing for Postgres and for a database in memory.
pub(super) fn file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.starts_with(":memory:")).then(|| decode(path).into())
}

fn read_password(file: &str) -> Result<String, (&'static str, String)> {
    let refuse = |problem: String| ("database_password_file", problem);
    let content = std::fs::read_to_string(file)
        .map_err(|error| refuse(format!("cannot be read: {file}: {error}")))?;
    let password = content.strip_suffix('\n').unwrap_or(&content);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() { Err(refuse(format!("{file} is empty"))) } else { Ok(password.into()) }
}

fn with_password(url: &str, password: &str) -> Result<String, (&'static str, String)> {
    let (before, user, after) = split(url, true).ok_or_else(|| {
        let problem = "names no user; with a password file write postgres://USER@HOST/NAME";
        ("database_url", problem.to_owned())
    })?;
    let user = user.split(':').next().unwrap_or_default();
    let password = encode(password, |byte| !byte.is_ascii_alphanumeric());
    Ok(format!("{before}{user}:{password}{after}"))
}

/// The URL with every password in it as `***`.
pub(super) fn redact(url: &str) -> String {
    let named = split(url, false)
        .and_then(|(before, user, after)| Some((before, user.split_once(':')?.0, after)));
    let shown = match named {
        Some((before, user, after)) => format!("{before}{user}:***{after}"),
        None => url.to_owned(),
    };
    let Some((base, query)) = shown.split_once('?') else {
        return shown;
    };
    let hide = |pair: &str| match pair.split_once('=') {
        Some((key, _)) if key.to_lowercase().contains("password") => format!("{key}=***"),
        _ => pair.to_owned(),
    };
    let query: Vec<_> = query.split('&').map(hide).collect();
    format!("{base}?{}", query.join("&"))
}

/// Everything up to `//`, the user information, and the rest from `@` on.
///
/// Strictly, the user information stands before the first of `/?#`. For showing, the last `@` of all
/// counts: a password that was not encoded may hold any of those, and no part of it may be shown.
fn split(url: &str, strictly: bool) -> Option<(&str, &str, &str)> {
    let start = url.find("://")? + 3;
    let rest = &url[start..];
    let end = if strictly { rest.find(['/', '?', '#']).unwrap_or(rest.len()) } else { rest.len() };
    let at = start + rest[..end].rfind('@')?;
    Some((&url[..start], &url[start..at], &url[at..]))
}

fn encode(text: &str, special: impl Fn(u8) -> bool) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if special(byte) || !byte.is_ascii() {
            encoded.push('%');
            encoded.push(hex(byte >> 4));
            encoded.push(hex(byte & 15));
        } else {
            encoded.push(char::from(byte));
        }
        encoded
    })
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => bytes.extend(std::iter::once(byte).chain(part.bytes().skip(2))),
            None => bytes.extend(std::iter::once(b'%').chain(part.bytes())),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
