//! Listening.

use super::state::Service;
use crate::Error;
use axum::Extension;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Pause after a connection could not be taken: the system may have run out of descriptors for a moment.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers on a listener until the service's token is cancelled. Then no new connection is taken,
/// and what is at work is brought to its end, for at most [`super::ServiceOptions::grace`].
///
/// # Errors
/// None in practice: a connection that fails ends alone.
pub async fn serve(service: Service, listener: TcpListener) -> Result<(), Error> {
    let (stop, options) = (service.0.stop.clone(), service.0.options.clone());
    // Idle ones count, too: each holds a descriptor.
    let places = Arc::new(Semaphore::new(
        options.max_connections.min(Semaphore::MAX_PERMITS),
    ));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout);
    let router = service.router();
    let connections = GracefulShutdown::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            next = next => next,
            () = stop.cancelled() => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot take a connection");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let answer = TowerToHyperService::new(router.clone().layer(Extension(ConnectInfo(address))));
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(options.grace, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were cut that did not end in time");
    }
    Ok(())
}
