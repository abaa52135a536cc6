//! The items of a run.

use anyhow::Result;
use std::fmt;

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Holds,
    Misses,
    NotRun,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::Holds => "HOLDS",
            Verdict::Misses => "MISSES",
            Verdict::NotRun => "NOT RUN",
        })
    }
}

/// What is measured, and what it must reach.
#[derive(Clone, Debug)]
pub struct Item {
    name: String,
    bar: String,
}

impl Item {
    /// An item with its bar in words.
    pub fn new(name: impl Into<String>, bar: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            bar: bar.into(),
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub struct Figure {
    holds: bool,
    text: String,
}

impl Figure {
    /// A figure in words, and whether it reaches its bar.
    pub fn new(holds: bool, text: impl Into<String>) -> Self {
        Self {
            holds,
            text: text.into(),
        }
    }

    /// This and another condition, with its figure.
    pub fn and(self, holds: bool, text: impl AsRef<str>) -> Self {
        Self {
            holds: self.holds && holds,
            text: format!("{}; {}", self.text, text.as_ref()),
        }
    }
}

/// Counts the items and prints each as soon as it is known.
#[derive(Debug, Default)]
pub struct Report {
    verdicts: Vec<Verdict>,
}

impl Report {
    /// Measures one item; an error falls short.
    pub fn measure(&mut self, item: Item, work: impl FnOnce() -> Result<Figure>) {
        self.measure_all(vec![item], || Ok(vec![work()?]));
    }

    /// Measures several items at once, in their order; an error falls short on all of them.
    pub fn measure_all(&mut self, items: Vec<Item>, work: impl FnOnce() -> Result<Vec<Figure>>) {
        let figures = match work() {
            Ok(figures) if figures.len() == items.len() => figures,
            Ok(figures) => {
                let text = format!("expected {} figures, found {}", items.len(), figures.len());
                vec![Figure::new(false, text); items.len()]
            }
            Err(error) => vec![Figure::new(false, format!("error: {error:#}")); items.len()],
        };
        for (item, figure) in items.iter().zip(figures) {
            let verdict = if figure.holds {
                Verdict::Holds
            } else {
                Verdict::Misses
            };
            self.line(verdict, item, &figure.text);
        }
    }

    /// Says that items were not measured, and why.
    pub fn not_run(&mut self, items: &[Item], reason: &str) {
        for item in items {
            self.line(Verdict::NotRun, item, reason);
        }
    }

    fn line(&mut self, verdict: Verdict, item: &Item, text: &str) {
        self.verdicts.push(verdict);
        println!("{verdict:<8} {:<44} {text}  [{}]", item.name, item.bar);
    }

    /// Whether no item fell short.
    pub fn holds(&self) -> bool {
        !self.verdicts.contains(&Verdict::Misses)
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.verdicts.iter().filter(|v| **v == verdict).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} items: {} hold, {} miss, {} not run",
            self.verdicts.len(),
            self.count(Verdict::Holds),
            self.count(Verdict::Misses),
            self.count(Verdict::NotRun)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_and_low_figures_miss_and_what_is_not_run_does_not() {
        let mut report = Report::default();
        report.measure(Item::new("a", "1"), || Ok(Figure::new(true, "1")));
        report.not_run(&[Item::new("b", "1")], "no data");
        assert!(report.holds());
        report.measure(Item::new("c", "1"), || anyhow::bail!("broken"));
        assert!(!report.holds());
        assert_eq!(report.to_string(), "3 items: 1 hold, 1 miss, 1 not run");
    }

    #[test]
    fn figures_that_do_not_match_their_items_miss() {
        let mut report = Report::default();
        let items = vec![Item::new("a", "1"), Item::new("b", "1")];
        report.measure_all(items, || Ok(vec![Figure::new(true, "1")]));
        assert_eq!(report.to_string(), "2 items: 0 hold, 2 miss, 0 not run");
    }
}
