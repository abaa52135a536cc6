//! Many users while the service and its workers are killed.

use super::clients::{Exchange, PATIENCE, exchange};
use super::processes::{Plan, Process, free_port};
use super::site::{Offer, Site, Subject, bound};
use crate::report::{Figure, Item, Report};
use crate::workshop::Workshop;
use anyhow::{Context, Result, ensure};
use rand::Rng;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use zkml::ParamVisibility;
use zkml_network::{Client, Queue, State};
use zkml_testing::postgres::Postgres;

const REQUESTS: usize = 200;
const CLIENTS: usize = 8;
const WORKERS: usize = 2;
const KILLS: usize = 20;

/// Runs the storm on SQLite and on PostgreSQL.
pub fn run(zkml: Result<&Path>, workshop: &mut Workshop, report: &mut Report) {
    let items = |database: &str| {
        vec![
            Item::new(
                format!("{database}: requests answered once"),
                format!("all of at least {REQUESTS} of {CLIENTS} clients"),
            ),
            Item::new(
                format!("{database}: answers that verify"),
                "all, for user and validator",
            ),
            Item::new(
                format!("{database}: kill -9 of service and worker"),
                format!("{KILLS} each: nothing lost, nothing doubled"),
            ),
        ]
    };
    let all = || [items("SQLite"), items("PostgreSQL")].concat();
    let (zkml, site) = match zkml.and_then(|zkml| Ok((zkml, Site::new()?))) {
        Ok(both) => both,
        Err(error) => return report.measure_all(all(), || Err(error)),
    };
    // The smallest model there is: the storm is about the queue.
    let subject = match Subject::patients() {
        Ok(subject) => subject,
        Err(reason) => return report.not_run(&all(), &reason.to_string()),
    };
    let offer = match site.publish(workshop, subject, &bound(ParamVisibility::Committed)) {
        Ok(offer) => offer,
        Err(error) => return report.measure_all(all(), || Err(error)),
    };
    let sqlite = format!("sqlite:{}", site.path().join("queue.db").display());
    report.measure_all(items("SQLite"), || measure(zkml, &site, &offer, &sqlite));
    match Postgres::start() {
        Ok(server) => report.measure_all(items("PostgreSQL"), || {
            let url = server.database("storm").map_err(anyhow::Error::msg)?;
            measure(zkml, &site, &offer, &url)
        }),
        Err(reason) => report.not_run(&items("PostgreSQL"), &reason),
    }
}

fn measure(zkml: &Path, site: &Site, offer: &Offer, database: &str) -> Result<Vec<Figure>> {
    let plan = Plan {
        zkml,
        site,
        offer,
        database,
        log: "warn",
    };
    let start = Instant::now();
    let port = free_port()?;
    let service = plan.serve(port, 0)?;
    let workers = (0..WORKERS)
        .map(|number| plan.worker(number, 1))
        .collect::<Result<Vec<_>>>()?;
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let killing = AtomicBool::new(true);
    let exchanges: Mutex<Vec<Exchange>> = Mutex::default();
    let result = thread::scope(|scope| -> Result<()> {
        let users: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let user = || -> Result<()> {
                        let client = Client::new(&format!("http://127.0.0.1:{port}"), PATIENCE);
                        while !failed.load(Ordering::Relaxed) {
                            let number = next.fetch_add(1, Ordering::Relaxed);
                            if number >= REQUESTS && !killing.load(Ordering::Relaxed) {
                                break;
                            }
                            let answered = exchange(&client, offer, number)
                                .with_context(|| format!("request number {number}"))?;
                            exchanges
                                .lock()
                                .map_err(|_| anyhow::anyhow!("a user broke off"))?
                                .push(answered);
                        }
                        Ok(())
                    };
                    user().inspect_err(|_| failed.store(true, Ordering::Relaxed))
                })
            })
            .collect();
        let killed = kill(service, workers, &failed);
        killing.store(false, Ordering::Relaxed);
        let processes = killed?;
        for user in users {
            user.join().map_err(|_| anyhow::anyhow!("a user broke off"))??;
        }
        drop(processes);
        Ok(())
    });
    result?;
    let exchanges = exchanges
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a user broke off"))?;
    judge(offer, database, &exchanges, start.elapsed())
}

/// Kills the service and the workers at random moments and starts them again.
fn kill(
    mut service: Process,
    mut workers: Vec<Process>,
    failed: &AtomicBool,
) -> Result<(Process, Vec<Process>)> {
    let mut rng = rand::thread_rng();
    for number in 0..2 * KILLS {
        thread::sleep(Duration::from_millis(rng.gen_range(200..3000)));
        if failed.load(Ordering::Relaxed) {
            break;
        }
        let pause = Duration::from_millis(rng.gen_range(0..500));
        match number % 2 {
            0 => service.kill_and_restart(pause)?,
            _ => {
                let worker = rng.gen_range(0..workers.len());
                workers[worker].kill_and_restart(pause)?;
            }
        }
    }
    Ok((service, workers))
}

/// Counts what became of the requests.
fn judge(offer: &Offer, database: &str, exchanges: &[Exchange], time: Duration) -> Result<Vec<Figure>> {
    let ids: HashSet<_> = exchanges.iter().map(|e| e.request.header().request_id).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    let (counts, changed, attempts) = runtime.block_on(async {
        let queue = Queue::open(database, 1).await?;
        let (mut changed, mut attempts) = (0usize, 0u64);
        for exchange in exchanges {
            let id = &exchange.request.header().request_id;
            // What the user got first is what there is.
            if queue.answer(id).await? != exchange.sealed.to_json()? {
                changed += 1;
            }
            attempts += u64::from(queue.status(id).await?.attempts);
        }
        anyhow::Ok((queue.counts().await?, changed, attempts))
    })?;
    let answered = counts
        .iter()
        .filter(|(state, _)| *state == State::Answered)
        .map(|(_, count)| *count)
        .sum::<u64>();
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    ensure!(ids.len() == exchanges.len(), "two requests have one id");

    let mut proofs = HashSet::new();
    let mut valid = 0usize;
    let mut first_error = None;
    for exchange in exchanges {
        match exchange.check(offer.published()) {
            Ok((proof, _)) => {
                valid += 1;
                proofs.insert(proof.bytes().to_vec());
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    let count = exchanges.len();
    let seconds = time.as_secs_f64();
    let error = first_error.map_or(String::new(), |error| format!("; the first error: {error:#}"));
    Ok(vec![
        Figure::new(
            count >= REQUESTS && answered == all && all == count as u64,
            format!("{count} asked, {answered} of {all} in the queue answered, {seconds:.0} s"),
        ),
        Figure::new(
            valid == count && proofs.len() == count,
            format!("{valid} of {count}, {} different proofs{error}", proofs.len()),
        ),
        Figure::new(
            changed == 0 && answered == count as u64,
            format!(
                "{} kills; {} lost, {changed} changed after they were fetched, {} begun again",
                2 * KILLS,
                count as u64 - answered.min(count as u64),
                attempts.saturating_sub(count as u64)
            ),
        ),
    ])
}
