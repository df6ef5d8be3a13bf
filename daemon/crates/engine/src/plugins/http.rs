//! HTTP out for plugins: the bounds of `outbound` for what a plugin was granted. No redirect is
//! followed: where it leads, the plugin was not granted.

use std::time::Instant;

use sceau_outbound::{Answer, Ask, Bounds, Fault, OutboundError, Schemes, Target, exchange};
use sceau_plugin_host::ports::{Http, HttpError, HttpRequest, HttpResponse};

/// The network.
pub struct NetworkHttp {
    runtime: tokio::runtime::Handle,
}

impl NetworkHttp {
    /// Requests run on `runtime`; certificates are judged by the system's authorities.
    pub fn new(runtime: tokio::runtime::Handle) -> Self {
        Self { runtime }
    }
}

impl Http for NetworkHttp {
    fn send(&self, request: HttpRequest, deadline: Instant) -> Result<HttpResponse, HttpError> {
        let bounds = Bounds {
            schemes: Schemes::HttpAndHttps,
            allow_private: request.may_be_private,
            redirects: 0,
            answer: request.most_body,
            total: deadline.saturating_duration_since(Instant::now()),
        };
        let headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = request.body.as_deref().unwrap_or_default();
        let ask = Ask { method: &request.method, headers: &headers, body };
        let target = target(&request);
        let asked = exchange(&target, &ask, &bounds);
        let Answer { status, headers, body, .. } = self.runtime.block_on(asked).map_err(told)?;
        Ok(HttpResponse { status, headers, body })
    }
}

fn target(request: &HttpRequest) -> Target {
    let asked = request.target.clone();
    Target { tls: !asked.cleartext, host: asked.host, port: asked.port, path: asked.path }
}

fn told(OutboundError { fault, .. }: OutboundError) -> HttpError {
    match fault {
        Fault::Private(address) => HttpError::Private(address.to_string()),
        Fault::TimedOut(_) => HttpError::Timeout,
        Fault::Dns(why) => HttpError::Dns(why),
        Fault::Connect(why) => HttpError::Connect(why),
        Fault::Tls(why) | Fault::NoTlsRoots(why) => HttpError::Tls(why),
        Fault::TooLarge(limit) => HttpError::TooLarge(limit as u64),
        other => HttpError::Other(other.to_string()),
    }
}
