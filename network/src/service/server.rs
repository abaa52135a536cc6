//! Listening.

use super::app::Service;
use crate::Error;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Answers on a listener until the service's token is cancelled. Then no new connection is taken,
/// and what is at work is brought to its end.
///
/// # Errors
/// [`Error::Service`] if the listener fails.
pub async fn serve(service: Service, listener: TcpListener) -> Result<(), Error> {
    let stop = service.0.stop.clone();
    let app = service
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .map_err(|error| Error::Service {
            action: "listen",
            reason: error.to_string(),
        })
}
