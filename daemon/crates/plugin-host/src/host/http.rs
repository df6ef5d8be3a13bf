//! `sceau:http`: requests to granted hosts. Secrets are filled in here and looked for in what comes
//! back; the plugin never holds one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::url::Target;
use super::{Ctx, headers};
use crate::bindings::sceau::http::http::{self, Host, HttpError, Request, Response};
use crate::limits::{MOST_BODY, MOST_REQUESTS};
use crate::ports::{self, HttpRequest, HttpResponse};

/// Shorter secrets cannot be told from chance in an answer, and are refused.
const SHORTEST_SECRET: usize = 8;
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

impl Host for Ctx {
    fn send(&mut self, request: Request) -> wasmtime::Result<Result<Response, HttpError>> {
        let detail = || super::log::clean(&format!("{} {}", request.method, request.url));
        let detail = if self.world.explain { detail() } else { String::new() };
        self.call("http.send", || detail, |ctx| ctx.send_checked(request))
    }
}

impl Ctx {
    fn send_checked(&mut self, request: Request) -> Result<Response, HttpError> {
        if self.requests >= MOST_REQUESTS {
            return Err(HttpError::TooMany);
        }
        self.requests += 1;
        let deadline = self
            .deadline
            .min(Instant::now() + Duration::from_millis(u64::from(request.timeout_ms.max(1))));
        let (request, secrets) = self.ready(request)?;
        let sent = self.world.http.send(request, deadline);
        if matches!(sent, Err(ports::HttpError::Private(_))) {
            self.refuse("http to a private address");
        }
        let response = sent?;
        bounded(response, &secrets, self.deadline)
    }

    /// The request as it goes out, and the secrets in it by name.
    fn ready(&mut self, request: Request) -> Result<(HttpRequest, Filled), HttpError> {
        let invalid = |what: &str| HttpError::Invalid(what.to_owned());
        if !METHODS.contains(&request.method.as_str()) {
            return Err(invalid("the method"));
        }
        if request.body.as_ref().is_some_and(|body| body.len() > MOST_BODY) {
            return Err(HttpError::TooLarge(MOST_BODY as u64));
        }
        let target = Target::parse(&request.url).ok_or_else(|| invalid("the URL"))?;
        let may_be_private = self.may_reach(&target)?;
        let (plain, secret) = (request.headers, request.secret_headers);
        headers::few(plain.len(), secret.len()).map_err(HttpError::Invalid)?;
        let mut headers = headers::checked(plain).map_err(HttpError::Invalid)?;
        let secrets = self.fill(secret, &mut headers)?;
        let (method, body) = (request.method, request.body);
        let most_body = MOST_BODY;
        Ok((HttpRequest { method, target, may_be_private, headers, body, most_body }, secrets))
    }

    fn may_reach(&mut self, target: &Target) -> Result<bool, HttpError> {
        match self.rights.host(&target.host, target.port, target.cleartext) {
            Some(grant) => Ok(grant.private),
            None => {
                self.refuse("http");
                Err(HttpError::Denied(format!("{}:{}", target.host, target.port)))
            }
        }
    }

    /// Fills the secrets in; each is read once, however many headers want it.
    fn fill(
        &mut self,
        wanted: Vec<http::SecretHeader>,
        headers: &mut Vec<(String, String)>,
    ) -> Result<Filled, HttpError> {
        let mut secrets = Filled::new();
        if wanted.is_empty() {
            return Ok(secrets);
        }
        for http::SecretHeader { name, prefix, secret } in wanted {
            if !secrets.contains_key(&secret) {
                let value = self.secret(&secret)?;
                secrets.insert(secret.clone(), value);
            }
            let value = format!("{prefix}{}", secrets[&secret]);
            headers.extend(headers::checked(vec![(name, value)]).map_err(HttpError::Invalid)?);
        }
        headers::plain_answer(headers).map_err(HttpError::Invalid)?;
        headers.push(("accept-encoding".to_owned(), "identity".to_owned()));
        Ok(secrets)
    }

    fn secret(&mut self, name: &str) -> Result<String, HttpError> {
        if !self.rights.secret(name) {
            self.refuse("secret");
            return Err(HttpError::Denied(format!("secret {}", super::log::clean(name))));
        }
        let secret = self.world.secrets.secret(name).map_err(HttpError::Other)?;
        if secret.len() < SHORTEST_SECRET || !headers::is_value(&secret) {
            return Err(HttpError::Other(format!("the secret `{name}` cannot be sent")));
        }
        Ok(secret)
    }
}

/// The secrets of one request, by name.
type Filled = BTreeMap<String, String>;

/// The answer, once it was searched for every secret that went out; not handed over where the time of
/// the run is over before that.
fn bounded(
    response: HttpResponse,
    secrets: &Filled,
    deadline: Instant,
) -> Result<Response, HttpError> {
    if response.body.len() > MOST_BODY {
        return Err(HttpError::TooLarge(MOST_BODY as u64));
    }
    if !secrets.is_empty() {
        if is_encoded(&response) {
            let why = "the answer is encoded, and could hold the secret unseen".to_owned();
            return Err(HttpError::Other(why));
        }
        searched(&response, secrets, deadline)?;
    }
    Ok(Response { status: response.status, headers: response.headers, body: response.body })
}

/// Whether the body is in another form than its own bytes, or a part of itself (RFC 9110 §8.4, §14).
fn is_encoded(response: &HttpResponse) -> bool {
    let plain = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    let other = |value: &str| !value.split(',').map(str::trim).all(plain);
    response.status == 206
        || response.headers.iter().any(|(name, value)| name == "content-encoding" && other(value))
}

/// Searches body and headers for each secret in each of its forms, and looks at the time between.
fn searched(response: &HttpResponse, secrets: &Filled, deadline: Instant) -> Result<(), HttpError> {
    let values = response.headers.iter().flat_map(|(name, value)| [name, value]);
    let told = values.map(|text| folded(text.as_bytes()));
    let places: Vec<Vec<u8>> = std::iter::once(folded(&response.body)).chain(told).collect();
    for needle in secrets.values().flat_map(|secret| clothes(secret)) {
        if Instant::now() >= deadline {
            return Err(HttpError::Timeout);
        }
        let needle = folded(&needle);
        if places.iter().any(|bytes| memchr::memmem::find(bytes, &needle).is_some()) {
            return Err(HttpError::SecretEchoed);
        }
    }
    Ok(())
}

/// Small letters, and both alphabets of base64 as one.
fn folded(bytes: &[u8]) -> Vec<u8> {
    let fold = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other.to_ascii_lowercase(),
    };
    bytes.iter().map(fold).collect()
}

/// As it is, in hexadecimal, in base64 at any offset, as a part of a URL (RFC 3986 §2.1), and as a JSON
/// string, whether solidi are escaped there or not.
fn clothes(secret: &str) -> Vec<Vec<u8>> {
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let in_url = secret.bytes().flat_map(|byte| match unreserved(&byte) {
        true => vec![byte],
        false => format!("%{byte:02x}").into_bytes(),
    });
    let json = serde_json::Value::from(secret).to_string();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default();
    let mut all = vec![
        secret.as_bytes().to_vec(),
        hex::encode(secret).into_bytes(),
        in_url.collect(),
        json.as_bytes().to_vec(),
        json.replace('/', "\\/").into_bytes(),
    ];
    all.extend(base64_cores(secret.as_bytes()));
    all.retain(|form| form.len() >= SHORTEST_SECRET);
    all
}

/// What stands in every base64 text that holds `secret`, for each of the three offsets.
fn base64_cores(secret: &[u8]) -> Vec<Vec<u8>> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let core = |skip: usize| -> Vec<u8> {
        let rest = secret.get(skip..).unwrap_or_default();
        rest.as_chunks::<3>()
            .0
            .iter()
            .flat_map(|[a, b, c]| {
                let bits = u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c);
                [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift & 63) as usize])
            })
            .collect()
    };
    (0..3).map(core).filter(|core| core.len() >= 8).collect()
}

impl From<ports::HttpError> for HttpError {
    fn from(error: ports::HttpError) -> Self {
        match error {
            ports::HttpError::Private(address) => Self::Denied(address),
            ports::HttpError::Timeout => Self::Timeout,
            ports::HttpError::Dns(text) => Self::Dns(text),
            ports::HttpError::Connect(text) => Self::Connect(text),
            ports::HttpError::Tls(text) => Self::Tls(text),
            ports::HttpError::TooLarge(bound) => Self::TooLarge(bound),
            ports::HttpError::Other(text) => Self::Other(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: &str) -> HttpResponse {
        HttpResponse { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn one(secret: &str) -> Filled {
        BTreeMap::from([("token".to_owned(), secret.to_owned())])
    }

    fn echoes(response: &HttpResponse, secret: &str) -> bool {
        let later = Instant::now() + Duration::from_secs(60);
        match searched(response, &one(secret), later) {
            Ok(()) => false,
            Err(HttpError::SecretEchoed) => true,
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_search_goes_on_when_the_time_is_over() {
        let all: Filled =
            (0..60).map(|number| (number.to_string(), format!("secret-{number:08}"))).collect();
        let large = HttpResponse { body: vec![b'a'; MOST_BODY], ..answer("") };
        let begun = Instant::now();
        assert!(matches!(searched(&large, &all, begun), Err(HttpError::Timeout)));
        let one_scan = begun.elapsed();
        let soon = Instant::now() + one_scan;
        assert!(matches!(bounded(large, &all, soon), Err(HttpError::Timeout)));
    }

    #[test]
    fn an_answer_that_could_hold_a_secret_unseen_is_not_handed_over() {
        let encoded = |name: &str, value: &str| HttpResponse {
            headers: vec![(name.to_owned(), value.to_owned())],
            ..answer("anything")
        };
        let later = Instant::now() + Duration::from_secs(60);
        let with = |response, secrets: &Filled| bounded(response, secrets, later);
        let secrets = one("s3cret-token-0123");
        for coding in ["gzip", "br", "identity, gzip", "x-own"] {
            let refused = with(encoded("content-encoding", coding), &secrets);
            assert!(matches!(refused, Err(HttpError::Other(_))), "{coding}");
            assert!(with(encoded("content-encoding", coding), &Filled::new()).is_ok());
        }
        assert!(with(HttpResponse { status: 206, ..answer("a part") }, &secrets).is_err());
        assert!(with(encoded("content-encoding", "identity"), &secrets).is_ok());
        let named = encoded("x-s3cret-token-0123", "a");
        assert!(matches!(with(named, &secrets), Err(HttpError::SecretEchoed)));
    }

    #[test]
    fn an_echoed_secret_is_found_in_its_usual_clothes() {
        let secret = "s3cret-token-0123";
        for body in [
            "x s3cret-token-0123 y",
            "S3CRET-TOKEN-0123",
            "7333637265742d746f6b656e2d30313233",
            "czNjcmV0LXRva2VuLTAxMjM=",
            "QmVhcmVyIHMzY3JldC10b2tlbi0wMTIz",
            "eHMzY3JldC10b2tlbi0wMTIz",
        ] {
            assert!(echoes(&answer(body), secret), "{body}");
        }
        assert!(!echoes(&answer("all is well"), secret));
        let secret = "k?>/~~~?>+token";
        for body in [
            "k?>/~~~?>+token",
            "az8+L35+fj8+K3Rva2Vu",
            "eGs_Pi9-fn4_Pit0b2tlbg==",
            "https://a.fr/?t=k%3F%3E%2F~~~%3F%3E%2Btoken",
            "https://a.fr/?t=k%3f%3e%2f~~~%3f%3e%2btoken",
            r#"{"t":"k?>\/~~~?>+token"}"#,
        ] {
            assert!(echoes(&answer(body), secret), "{body}");
        }
        assert!(echoes(&answer(r#"{"t":"a\"quote\\d"}"#), r#"a"quote\d"#));
    }
}
