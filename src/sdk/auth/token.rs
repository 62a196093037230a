//! Tokens that are fetched once and shared.

use std::time::Duration;

use tokio::sync::Mutex;

use crate::sdk::ProviderError;
use crate::world::{Timestamp, World};

use super::Secret;

/// A token with what came along with it.
#[derive(Clone, Debug)]
pub struct Token<D> {
    /// The token itself.
    pub secret: Secret,
    /// When it ends, where that is known.
    pub expires_at: Option<Timestamp>,
    /// What the sign-in answered besides, such as an account or a catalogue of endpoints.
    pub details: D,
}

/// Holds one token; whoever comes while it is being fetched waits for the same answer.
#[derive(Debug)]
pub struct TokenCache<D>(Mutex<Option<Token<D>>>);

/// A token with less life than this is fetched anew, so that it does not end under way.
const LEAST_LIFE: Duration = Duration::from_mins(1);

impl<D> Default for TokenCache<D> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<D: Clone> TokenCache<D> {
    /// The token; `fetch` signs in when there is none or its life is nearly over.
    pub async fn get<F>(&self, world: &World, fetch: F) -> Result<Token<D>, ProviderError>
    where
        F: Future<Output = Result<Token<D>, ProviderError>>,
    {
        let mut held = self.0.lock().await;
        if let Some(token) = &*held {
            let enough = world.clock.now().saturating_add(LEAST_LIFE);
            if token.expires_at.is_none_or(|end| end > enough) {
                return Ok(token.clone());
            }
        }
        let token = fetch.await?;
        *held = Some(token.clone());
        Ok(token)
    }

    /// Forgets `refused`, unless somebody has fetched another one meanwhile.
    pub async fn forget(&self, refused: &Token<D>) {
        let mut held = self.0.lock().await;
        if held.as_ref().is_some_and(|token| token.secret.expose() == refused.secret.expose()) {
            *held = None;
        }
    }
}
