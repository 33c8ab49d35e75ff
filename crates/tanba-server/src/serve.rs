//! The service on a socket, until it is told to stop.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::state::ServerState;

/// How long requests that are being answered when the service is told to stop have left.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until `stop` completes, then takes no more, and lets what was begun come to its end.
///
/// # Errors
/// Those of the socket.
pub async fn serve(
    listener: TcpListener,
    state: ServerState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let told = async move {
        stop.await;
        // Nobody listens where serving has ended already.
        let _ = stopping.send(());
    };
    let serving = axum::serve(listener, crate::router(state)).with_graceful_shutdown(told).into_future();
    let late = async {
        if stopped.await.is_ok() {
            tokio::time::sleep(GRACE).await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = serving => served,
        () = late => Ok(()),
    }
}
