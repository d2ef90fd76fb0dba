use std::fs;

use super::*;

/// Sources that see only `dir` and the given variables.
fn sources(dir: &Path, env: &[(&str, &str)]) -> Sources {
    let pair = |(key, value): &(&str, &str)| (String::from(*key), String::from(*value));
    Sources { dir: dir.into(), env: env.iter().map(pair).collect(), ..Sources::default() }
}

fn load(env: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::load(&sources(Path::new("/data"), env))
}

fn url(env: &[(&str, &str)]) -> String {
    load(env).unwrap().database_url.expose_secret().to_owned()
}

/// The one line of the refusal of `env`.
fn refusal(env: &[(&str, &str)]) -> String {
    load(env).unwrap_err().to_string()
}

#[test]
fn defaults_are_complete() {
    let config = load(&[]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.database_url.expose_secret(), "sqlite:/data/scimd.db");
    assert_eq!(config.engine(), Engine::Sqlite);
    assert_eq!(config.migrate, Migrate::Auto);
    assert_eq!((config.filter_depth, config.max_results), (50, 10_000));
    assert!(config.sources().iter().all(|setting| setting.origin == "default"));
}

#[test]
fn flags_beat_variables_beat_the_file_beats_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("scimd.toml");
    fs::write(&file, "max_results = 1\nfilter_depth = 2\nfilter_length = 3\n").unwrap();
    let mut sources =
        sources(dir.path(), &[("SCIMD_FILTER_DEPTH", "20"), ("SCIMD_FILTER_LENGTH", "30")]);
    sources.flags = vec![("filter_length".into(), "300".into())];
    let config = Config::load(&sources).unwrap();
    assert_eq!((config.max_results, config.filter_depth, config.filter_length), (1, 20, 300));
    let origin = |key: &str| config.sources().into_iter().find(|s| s.key == key).unwrap().origin;
    assert_eq!(origin("max_results"), format!("file {}", file.display()));
    assert_eq!(origin("filter_depth"), "environment variable SCIMD_FILTER_DEPTH");
    assert_eq!(origin("filter_length"), "flag --filter-length");
    assert_eq!(origin("patch_operations"), "default");
}

#[test]
fn the_file_is_named_by_flag_before_variable() {
    let dir = tempfile::tempdir().unwrap();
    for (name, value) in [("scimd.toml", 1), ("b.toml", 2), ("c.toml", 3)] {
        fs::write(dir.path().join(name), format!("max_results = {value}")).unwrap();
    }
    let b = dir.path().join("b.toml");
    let mut sources = sources(dir.path(), &[]);
    assert_eq!(Config::load(&sources).unwrap().max_results, 1);
    sources.env = vec![("SCIMD_CONFIG".into(), b.display().to_string())];
    assert_eq!(Config::load(&sources).unwrap().max_results, 2);
    sources.file = Some(dir.path().join("c.toml"));
    assert_eq!(Config::load(&sources).unwrap().max_results, 3);
    sources.file = Some(dir.path().join("missing.toml"));
    let refusal = Config::load(&sources).unwrap_err().to_string();
    assert!(refusal.starts_with("config (flag --config): there is no file"), "{refusal}");
}

#[test]
fn unknown_keys_are_named_with_their_origin() {
    let unknown = "there is no such setting; `scimd config example` lists them all";
    assert_eq!(
        refusal(&[("SCIMD_LISTN", "x")]),
        format!("listn (environment variable SCIMD_LISTN): {unknown}")
    );
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("scimd.toml");
    fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"").unwrap();
    let refusal = Config::load(&sources(dir.path(), &[])).unwrap_err().to_string();
    assert_eq!(refusal, format!("server (file {}): {unknown}", file.display()));
}

#[test]
fn variables_of_others_are_left_alone() {
    let env = [
        ("HOME", "/x"),
        ("SCIMD_PORT", "tcp://10.0.0.1:80"),
        ("SCIMD_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("SCIMD_SERVICE_HOST", "10.0.0.1"),
        ("SCIMD_TEST_REQUIRE_POSTGRES", "1"),
        ("SCIMD_CONFIG", ""),
    ];
    assert_eq!(load(&env).unwrap().listen.port(), 8080);
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    let check = |variable: &str, value: &str, expected: &str| {
        let refusal = refusal(&[(variable, value)]);
        let origin = format!("(environment variable {variable}): ");
        assert!(refusal.contains(&origin) && refusal.contains(expected), "{refusal}");
    };
    check("SCIMD_LISTEN", "localhost", "invalid socket address syntax");
    check("SCIMD_MAX_RESULTS", "many", "invalid type");
    check("SCIMD_MAX_RESULTS", "-1", "invalid");
    check("SCIMD_MAX_RESULTS", "0", "must be at least 1");
    check("SCIMD_FILTER_DEPTH", "501", "must be at most 500");
    check("SCIMD_TRUST_PROXY", "maybe", "invalid type");
    check("SCIMD_MIGRATE", "later", "expected `one of `auto`, `check`, `off``");
    check("SCIMD_LOG_FORMAT", "xml", "log_format");
    check("SCIMD_LOG_LEVEL", "scimd=loud", "error parsing level filter");
    check("SCIMD_DATABASE_URL", "mysql://db/x", "must be sqlite:PATH or postgres://");
    check("SCIMD_DATABASE_URL", "scimd.db", "must be sqlite:PATH or postgres://");
    check("SCIMD_DATABASE_URL", "postgres:scimd", "must be sqlite:PATH or postgres://");
}

#[test]
fn a_file_that_is_not_toml_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("scimd.toml"), "listen 127.0.0.1").unwrap();
    let refusal = Config::load(&sources(dir.path(), &[])).unwrap_err().to_string();
    assert!(refusal.contains("scimd.toml") && refusal.contains("TOML"), "{refusal}");
}

#[test]
fn all_values_out_of_range_are_named_at_once() {
    let error = load(&[("SCIMD_FILTER_DEPTH", "0"), ("SCIMD_DATABASE_CONNECTIONS", "0")]);
    let keys: Vec<_> = error.unwrap_err().faults.into_iter().map(|fault| fault.key).collect();
    assert_eq!(keys, ["database_connections", "filter_depth"]);
}

#[test]
fn filters_may_be_as_deep_as_the_stack_allows() {
    assert_eq!(load(&[("SCIMD_FILTER_DEPTH", "500")]).unwrap().filter_depth, 500);
}

#[test]
fn public_url_is_a_plain_http_address() {
    let accept = |url: &str| {
        assert_eq!(load(&[("SCIMD_PUBLIC_URL", url)]).unwrap().public_url, url);
    };
    accept("https://scim.example.com");
    accept("http://localhost:8080");
    accept("https://example.com/scim");
    let refuse = |url: &str, expected: &str| {
        let refusal = refusal(&[("SCIMD_PUBLIC_URL", url)]);
        assert!(refusal.starts_with("public_url (environment"), "{refusal}");
        assert!(refusal.contains(expected), "{refusal}");
    };
    refuse("scim.example.com", "must begin with https://");
    refuse("ftp://scim.example.com", "must begin with https://");
    refuse("https://", "names no host");
    refuse("https://:8080", "names no host");
    refuse("https://scim.example.com/", "must not end with a slash");
    refuse("https://scim.example.com?x=1", "no query");
    refuse("https://user@scim.example.com", "or user");
}

#[test]
fn public_url_follows_listen() {
    let check = |listen: &str, expected: &str| {
        assert_eq!(load(&[("SCIMD_LISTEN", listen)]).unwrap().public_url, expected);
    };
    check("127.0.0.1:9", "http://127.0.0.1:9");
    check("[::1]:9", "http://[::1]:9");
    check("0.0.0.0:9", "http://localhost:9");
    check("[::]:9", "http://localhost:9");
}

#[test]
fn sqlite_paths_start_at_the_data_folder() {
    let check = |value: &str, expected: &str| {
        assert_eq!(url(&[("SCIMD_DATABASE_URL", value)]), expected);
    };
    check("sqlite:a.db", "sqlite:/data/a.db");
    check("sqlite://a.db?mode=rwc", "sqlite:/data/a.db?mode=rwc");
    check("sqlite:///abs/a.db", "sqlite:///abs/a.db");
    check("sqlite:/abs/a.db", "sqlite:/abs/a.db");
    check("sqlite::memory:", "sqlite::memory:");
    let config = Config::load(&sources(Path::new(""), &[])).unwrap();
    assert_eq!(config.database_url.expose_secret(), "sqlite:scimd.db");
    let config = Config::load(&sources(Path::new("/a?b/100%/"), &[])).unwrap();
    assert_eq!(config.database_url.expose_secret(), "sqlite:/a%3Fb/100%25/scimd.db");
}

#[test]
fn the_sqlite_file_is_known() {
    let check = |value: &str, expected: Option<&str>| {
        let config = load(&[("SCIMD_DATABASE_URL", value)]).unwrap();
        assert_eq!(config.sqlite_file(), expected.map(PathBuf::from));
    };
    check("", Some("/data/scimd.db"));
    check("sqlite://a.db?mode=rwc", Some("/data/a.db"));
    check("sqlite:/x/100%25%3F%C3%BC%.db", Some("/x/100%?ü%.db"));
    check("sqlite::memory:", None);
    check("postgres://u@h/d", None);
    let config = Config::load(&sources(Path::new("/a?b/100%/ü"), &[])).unwrap();
    assert_eq!(config.sqlite_file(), Some("/a?b/100%/ü/scimd.db".into()));
}

#[test]
fn postgres_checks_migrations_unless_told_otherwise() {
    let postgres = ("SCIMD_DATABASE_URL", "postgresql://u@h/d");
    let config = load(&[postgres]).unwrap();
    assert_eq!((config.engine(), config.migrate), (Engine::Postgres, Migrate::Check));
    let config = load(&[postgres, ("SCIMD_MIGRATE", "off")]).unwrap();
    assert_eq!(config.migrate, Migrate::Off);
}

#[test]
fn the_password_file_completes_the_url() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let check = |content: &str, given: &str, expected: &str| {
        fs::write(path, content).unwrap();
        let env = [("SCIMD_DATABASE_URL", given), ("SCIMD_DATABASE_PASSWORD_FILE", path)];
        assert_eq!(url(&env), expected);
    };
    check("s3cret\n", "postgres://u@db/scimd", "postgres://u:s3cret@db/scimd");
    check("s3cret\r\n", "postgres://u@db:1/scimd?a=b", "postgres://u:s3cret@db:1/scimd?a=b");
    check("a b/ü@", "postgres://u:old@db/scimd", "postgres://u:a%20b%2F%C3%BC%40@db/scimd");
    check(" pad \n\n", "postgres://u@db/scimd", "postgres://u:%20pad%20%0A@db/scimd");
}

#[test]
fn a_password_file_that_cannot_serve_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    let with = |path: &str, url: &str| {
        refusal(&[("SCIMD_DATABASE_URL", url), ("SCIMD_DATABASE_PASSWORD_FILE", path)])
    };
    assert!(with(path, "postgres://u@db/scimd").contains("is empty"));
    assert!(with("/nowhere/x", "postgres://u@db/scimd").contains("cannot be read"));
    fs::write(path, "x").unwrap();
    assert!(with(path, "postgres://db/scimd").contains("names no user"));
    assert!(with(path, "sqlite:x.db").contains("SQLite, which has no password"));
}

#[test]
fn passwords_are_never_shown() {
    let check = |url: &str, expected: &str| {
        let config = load(&[("SCIMD_DATABASE_URL", url)]).unwrap();
        assert_eq!(config.database_shown(), expected);
        let listed = config.sources();
        let listed = listed.iter().find(|setting| setting.key == "database_url").unwrap();
        assert_eq!(listed.value, expected);
        let texts = [format!("{config:?}"), serde_json::to_string(&config).unwrap()];
        assert!(texts.iter().all(|text| !text.contains("s3c")), "{texts:?}");
    };
    check("postgres://u:s3cret@db/scimd", "postgres://u:***@db/scimd");
    check("postgres://u:s3c@r/e?t#@db/scimd", "postgres://u:***@db/scimd");
    check("postgres://db/scimd?user=u&password=s3c", "postgres://db/scimd?user=u&password=***");
    check("postgres://u@db/scimd", "postgres://u@db/scimd");
}
