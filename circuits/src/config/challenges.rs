//! The challenges that follow phase 1.

/// Challenges of the circuit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenges<T> {
    pub u: T,
    pub v: T,
    pub w: T,
    pub alpha: T,
    pub gamma: T,
    pub sigma: T,
    pub tau: T,
}

impl<T: Clone> Challenges<T> {
    /// `u, v, w, sigma, tau, alpha, gamma`.
    pub fn list(self) -> [T; 7] {
        [
            self.u, self.v, self.w, self.sigma, self.tau, self.alpha, self.gamma,
        ]
    }

    pub fn map<S>(&self, mut f: impl FnMut(T) -> S) -> Challenges<S> {
        Challenges {
            u: f(self.u.clone()),
            v: f(self.v.clone()),
            w: f(self.w.clone()),
            alpha: f(self.alpha.clone()),
            gamma: f(self.gamma.clone()),
            sigma: f(self.sigma.clone()),
            tau: f(self.tau.clone()),
        }
    }
}

impl<T: Clone> Challenges<Option<T>> {
    /// The challenges, once all are known.
    pub fn known(self) -> Option<Challenges<T>> {
        Some(Challenges {
            u: self.u?,
            v: self.v?,
            w: self.w?,
            alpha: self.alpha?,
            gamma: self.gamma?,
            sigma: self.sigma?,
            tau: self.tau?,
        })
    }
}
