//! The queue on SQLite and, where there is one, on PostgreSQL.

mod common;

use common::provider::{asked, manifest};
use std::collections::HashSet;
use std::time::Duration;
use zkml_network::{
    Asked, Budget, Error, IdentityKey, Outcome, PendingRequest, ProviderKeys, Queue, Refusal, SealedAnswer,
    SealedRequest, SignedManifest, State, Submitted, unix_now,
};
use zkml_testing::postgres::Postgres;

const LEASE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(50);
const ROOM: u64 = 1000;

struct Setup {
    url: String,
    keys: ProviderKeys,
    manifest: SignedManifest,
}

impl Setup {
    fn new(url: String) -> Self {
        let keys = ProviderKeys::generate().unwrap();
        let manifest = manifest(&keys, "test");
        Self { url, keys, manifest }
    }

    async fn queue(&self) -> Queue {
        Queue::open(&self.url, 3).await.unwrap()
    }

    fn request(&self) -> SealedRequest {
        self.pending(asked([1, 2, 3])).envelope().clone()
    }

    fn pending(&self, asked: Asked) -> PendingRequest {
        PendingRequest::new(&self.manifest, asked).unwrap()
    }

    /// An answer to a request: no two are the same bytes.
    fn answer(&self, request: &SealedRequest) -> SealedAnswer {
        let reply_key = request.open(self.keys.sealing()).unwrap().reply_key;
        let outcome = Outcome::Refusal(Refusal::Request("no".to_owned()));
        SealedAnswer::seal(request, &reply_key, self.keys.sealing(), &outcome).unwrap()
    }

    async fn claim(&self, queue: &Queue, lease: Duration) -> Option<zkml_network::Job> {
        queue.claim(self.manifest.digest(), lease).await.unwrap()
    }
}

/// Makes a test of each function on SQLite, and one of all of them on PostgreSQL, which takes long
/// to start.
macro_rules! on_each_database {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[test]
                fn $name() {
                    let folder = tempfile::tempdir().unwrap();
                    let url = format!("sqlite:{}", folder.path().join("queue.db").display());
                    runtime().block_on(super::$name(super::Setup::new(url)));
                }
            )*

            fn runtime() -> tokio::runtime::Runtime {
                tokio::runtime::Runtime::new().unwrap()
            }
        }

        #[test]
        fn all_on_postgres() {
            let server = match Postgres::start() {
                Ok(server) => server,
                Err(reason) => return eprintln!("not run on PostgreSQL: {reason}"),
            };
            let runtime = tokio::runtime::Runtime::new().unwrap();
            $({
                let url = server.database(stringify!($name)).unwrap();
                eprintln!("{}", stringify!($name));
                runtime.block_on($name(Setup::new(url)));
            })*
        }
    };
}

on_each_database!(
    an_envelope_is_accepted_once_and_another_under_its_id_never,
    many_submissions_at_once_are_one_request,
    a_full_queue_says_so_and_still_knows_its_requests,
    claims_at_once_take_different_requests_oldest_first,
    other_models_requests_are_left_alone,
    an_expired_lease_goes_to_another_and_the_first_answer_counts,
    a_lease_that_is_extended_lives,
    what_kills_its_workers_is_given_up,
    failed_work_is_tried_again_after_a_pause_and_only_so_often,
    work_that_was_stopped_does_not_count,
    ids_stay_taken_when_content_is_purged,
    a_budget_outlives_processes_and_leaves_others_alone,
    a_budget_holds_for_submissions_at_once,
    a_budget_of_a_period_comes_back,
    what_was_given_up_is_on_no_budget,
    a_request_that_never_expires_disturbs_no_other,
    a_queue_outlives_its_process,
    processes_may_open_a_new_queue_at_once,
    unknown_requests_and_databases_are_errors,
);

async fn an_envelope_is_accepted_once_and_another_under_its_id_never(setup: Setup) {
    let queue = setup.queue().await;
    let request = setup.request();
    assert_eq!(
        queue.submit(&request, ROOM, None).await.unwrap(),
        Submitted::Accepted
    );
    assert_eq!(
        queue.submit(&request, ROOM, None).await.unwrap(),
        Submitted::Known(State::Queued)
    );
    let json = String::from_utf8(request.to_json().unwrap()).unwrap();
    let other = json.replace(
        "\"evm\":null",
        &format!(
            "\"evm\":{{\"account\":\"0x{0}\",\"chain\":1,\"registry\":\"0x{0}\"}}",
            "ab".repeat(20)
        ),
    );
    assert_ne!(json, other);
    let other = SealedRequest::from_json(other.as_bytes()).unwrap();
    assert!(matches!(
        queue.submit(&other, ROOM, None).await,
        Err(Error::IdTaken { .. })
    ));
}

async fn many_submissions_at_once_are_one_request(setup: Setup) {
    let queue = setup.queue().await;
    let request = setup.request();
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let (queue, request) = (queue.clone(), request.clone());
            tokio::spawn(async move { queue.submit(&request, ROOM, None).await.unwrap() })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        accepted += u32::from(task.await.unwrap() == Submitted::Accepted);
    }
    assert_eq!(accepted, 1);
}

async fn a_full_queue_says_so_and_still_knows_its_requests(setup: Setup) {
    let queue = setup.queue().await;
    let first = setup.request();
    queue.submit(&first, 2, None).await.unwrap();
    queue.submit(&setup.request(), 2, None).await.unwrap();
    assert!(matches!(
        queue.submit(&setup.request(), 2, None).await,
        Err(Error::QueueFull { limit: 2 })
    ));
    assert_eq!(
        queue.submit(&first, 2, None).await.unwrap(),
        Submitted::Known(State::Queued)
    );
    assert!(queue.finish(&setup.answer(&first)).await.unwrap());
    queue.submit(&setup.request(), 2, None).await.unwrap();
}

async fn claims_at_once_take_different_requests_oldest_first(setup: Setup) {
    const REQUESTS: usize = 40;
    let queues = [setup.queue().await, setup.queue().await];
    let oldest = setup.request();
    queues[0].submit(&oldest, ROOM, None).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    for _ in 1..REQUESTS {
        queues[0].submit(&setup.request(), ROOM, None).await.unwrap();
    }
    let first = setup.claim(&queues[1], LEASE).await.unwrap();
    assert_eq!(*first.id(), oldest.header.request_id);
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let (queue, model) = (queues[i % 2].clone(), *setup.manifest.digest());
            tokio::spawn(async move {
                let mut ids = Vec::new();
                while let Some(job) = queue.claim(&model, LEASE).await.unwrap() {
                    ids.push(*job.id());
                }
                ids
            })
        })
        .collect();
    let mut ids = vec![*first.id()];
    for task in tasks {
        ids.extend(task.await.unwrap());
    }
    assert_eq!(ids.len(), REQUESTS);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), REQUESTS);
}

async fn other_models_requests_are_left_alone(setup: Setup) {
    let queue = setup.queue().await;
    queue.submit(&setup.request(), ROOM, None).await.unwrap();
    let other = manifest(&setup.keys, "other");
    assert!(queue.claim(other.digest(), LEASE).await.unwrap().is_none());
    assert!(setup.claim(&queue, LEASE).await.is_some());
}

async fn an_expired_lease_goes_to_another_and_the_first_answer_counts(setup: Setup) {
    let queue = setup.queue().await;
    let request = setup.request();
    queue.submit(&request, ROOM, None).await.unwrap();
    let slow = setup.claim(&queue, SHORT).await.unwrap();
    assert!(setup.claim(&queue, SHORT).await.is_none(), "the lease is alive");
    tokio::time::sleep(2 * SHORT).await;
    let quick = setup.claim(&queue, LEASE).await.unwrap();
    assert_eq!((slow.attempt, quick.attempt), (1, 2));
    assert!(!queue.extend(&slow, LEASE).await.unwrap());
    assert!(queue.extend(&quick, LEASE).await.unwrap());

    // What a lost lease gives back stays with its new holder.
    queue.release(&slow).await.unwrap();
    queue.retry(&slow, "late", Duration::ZERO).await.unwrap();
    assert_eq!(
        queue.status(&request.header.request_id).await.unwrap().state,
        State::Running
    );

    let [first, second] = [setup.answer(&request), setup.answer(&request)];
    assert!(queue.finish(&first).await.unwrap());
    assert!(!queue.finish(&second).await.unwrap());
    let stored = queue.answer(&request.header.request_id).await.unwrap();
    assert_eq!(stored, first.to_json().unwrap());
    assert!(!queue.extend(&quick, LEASE).await.unwrap());
    assert_eq!(
        queue.submit(&request, ROOM, None).await.unwrap(),
        Submitted::Known(State::Answered)
    );
}

async fn a_lease_that_is_extended_lives(setup: Setup) {
    let queue = setup.queue().await;
    queue.submit(&setup.request(), ROOM, None).await.unwrap();
    let lease = Duration::from_millis(400);
    let job = setup.claim(&queue, lease).await.unwrap();
    for _ in 0..4 {
        tokio::time::sleep(lease / 3).await;
        assert!(queue.extend(&job, lease).await.unwrap());
        assert!(setup.claim(&queue, lease).await.is_none());
    }
}

async fn what_kills_its_workers_is_given_up(setup: Setup) {
    let queue = setup.queue().await;
    let request = setup.request();
    queue.submit(&request, ROOM, None).await.unwrap();
    for attempt in 1..=3 {
        let job = setup.claim(&queue, SHORT).await.unwrap();
        assert_eq!(job.attempt, attempt);
        tokio::time::sleep(2 * SHORT).await;
    }
    assert!(setup.claim(&queue, SHORT).await.is_none());
    queue.tidy(LEASE).await.unwrap();
    let id = request.header.request_id;
    let status = queue.status(&id).await.unwrap();
    assert_eq!((status.state, status.attempts), (State::Failed, 3));
    assert!(status.reason.is_some() && status.milliseconds.is_some());
    assert!(matches!(queue.answer(&id).await, Err(Error::Abandoned { .. })));
    // An answer that comes later does not count: the user may have been told.
    assert!(!queue.finish(&setup.answer(&request)).await.unwrap());
}

async fn failed_work_is_tried_again_after_a_pause_and_only_so_often(setup: Setup) {
    let queue = setup.queue().await;
    let request = setup.request();
    queue.submit(&request, ROOM, None).await.unwrap();
    for _ in 0..3 {
        let job = setup.claim(&queue, LEASE).await.unwrap();
        queue.retry(&job, "no luck", 4 * SHORT).await.unwrap();
        assert!(setup.claim(&queue, LEASE).await.is_none());
        tokio::time::sleep(5 * SHORT).await;
    }
    assert!(setup.claim(&queue, LEASE).await.is_none());
    let status = queue.status(&request.header.request_id).await.unwrap();
    assert_eq!(
        (status.state, status.reason.as_deref()),
        (State::Failed, Some("no luck"))
    );
}

async fn work_that_was_stopped_does_not_count(setup: Setup) {
    let queue = setup.queue().await;
    queue.submit(&setup.request(), ROOM, None).await.unwrap();
    for _ in 0..5 {
        let job = setup.claim(&queue, LEASE).await.unwrap();
        assert_eq!(job.attempt, 1);
        queue.release(&job).await.unwrap();
    }
}

async fn ids_stay_taken_when_content_is_purged(setup: Setup) {
    let queue = setup.queue().await;
    let soon = Asked {
        expiry: unix_now() + 2,
        ..asked([1, 2, 3])
    };
    let [answered, waiting] = [(); 2].map(|()| setup.pending(soon.clone()).envelope().clone());
    queue.submit(&answered, ROOM, None).await.unwrap();
    queue.submit(&waiting, ROOM, None).await.unwrap();
    assert!(queue.finish(&setup.answer(&answered)).await.unwrap());
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert!(setup.claim(&queue, LEASE).await.is_none(), "it expired");
    queue.tidy(LEASE).await.unwrap();
    queue.answer(&answered.header.request_id).await.unwrap();
    let status = queue.status(&waiting.header.request_id).await.unwrap();
    assert_eq!(status.state, State::Failed);

    queue.tidy(Duration::ZERO).await.unwrap();
    for request in [&answered, &waiting] {
        let id = request.header.request_id;
        assert_eq!(queue.status(&id).await.unwrap().state, State::Purged);
        assert!(matches!(queue.answer(&id).await, Err(Error::Purged { .. })));
        assert_eq!(
            queue.submit(request, ROOM, None).await.unwrap(),
            Submitted::Known(State::Purged)
        );
        assert!(!queue.finish(&setup.answer(request)).await.unwrap());
    }
    assert!(setup.claim(&queue, LEASE).await.is_none());
}

async fn a_request_that_never_expires_disturbs_no_other(setup: Setup) {
    let queue = setup.queue().await;
    let forever = Asked {
        expiry: u64::MAX,
        ..asked([1, 2, 3])
    };
    queue
        .submit(setup.pending(forever).envelope(), ROOM, None)
        .await
        .unwrap();
    queue.submit(&setup.request(), ROOM, None).await.unwrap();
    queue.tidy(LEASE).await.unwrap();
    assert!(setup.claim(&queue, LEASE).await.is_some());
    assert!(setup.claim(&queue, LEASE).await.is_some());
}

async fn a_queue_outlives_its_process(setup: Setup) {
    let request = setup.request();
    let queue = setup.queue().await;
    queue.submit(&request, ROOM, None).await.unwrap();
    queue.close().await;
    let queue = setup.queue().await;
    assert_eq!(setup.claim(&queue, LEASE).await.unwrap().request, request);
    assert_eq!(queue.counts().await.unwrap(), [(State::Running, 1)]);
}

async fn processes_may_open_a_new_queue_at_once(setup: Setup) {
    let opens: Vec<_> = (0..6)
        .map(|_| {
            let url = setup.url.clone();
            tokio::spawn(async move { Queue::open(&url, 3).await.map(|_| ()) })
        })
        .collect();
    for open in opens {
        open.await.unwrap().unwrap();
    }
}

async fn unknown_requests_and_databases_are_errors(setup: Setup) {
    let queue = setup.queue().await;
    let id = setup.request().header.request_id;
    assert!(matches!(
        queue.status(&id).await,
        Err(Error::UnknownRequest { .. })
    ));
    assert!(matches!(
        queue.answer(&id).await,
        Err(Error::UnknownRequest { .. })
    ));
    assert!(matches!(
        Queue::open("mysql://host/db", 3).await,
        Err(Error::Service { .. })
    ));
}

/// A requester with this many answers in all.
fn on(requester: u8, answers: u32) -> (IdentityKey, Budget) {
    ([requester; 32].into(), Budget::new(answers, None))
}

async fn a_budget_outlives_processes_and_leaves_others_alone(setup: Setup) {
    let queue = setup.queue().await;
    let requests = [(); 3].map(|()| setup.request());
    let budget = on(1, 2);
    for request in &requests[..2] {
        let submitted = queue.submit(request, ROOM, Some(&budget)).await.unwrap();
        assert_eq!(submitted, Submitted::Accepted);
    }
    queue.close().await;
    let queue = setup.queue().await;
    let spent = queue.submit(&requests[2], ROOM, Some(&budget)).await;
    assert!(
        matches!(spent, Err(Error::BudgetSpent { seconds: None, .. })),
        "{spent:?}"
    );
    // What was accepted is so whatever is left, and answers count when they are no longer kept.
    assert_eq!(
        queue.submit(&requests[0], ROOM, Some(&budget)).await.unwrap(),
        Submitted::Known(State::Queued)
    );
    for request in &requests[..2] {
        queue.finish(&setup.answer(request)).await.unwrap();
    }
    queue.submit(&requests[2], ROOM, Some(&budget)).await.unwrap_err();
    for other in [Some(&on(2, 1)), None] {
        let submitted = queue.submit(&setup.request(), ROOM, other).await.unwrap();
        assert_eq!(submitted, Submitted::Accepted);
    }
    // A full queue is another matter.
    let full = queue.submit(&setup.request(), 1, Some(&on(3, 5))).await;
    assert!(matches!(full, Err(Error::QueueFull { .. })), "{full:?}");
    // The provider gives one more.
    queue.submit(&requests[2], ROOM, Some(&on(1, 3))).await.unwrap();
}

async fn a_budget_holds_for_submissions_at_once(setup: Setup) {
    let queues = [setup.queue().await, setup.queue().await];
    let submissions: Vec<_> = (0..12)
        .map(|i| {
            let (queue, request) = (queues[i % 2].clone(), setup.request());
            tokio::spawn(async move { queue.submit(&request, ROOM, Some(&on(1, 5))).await })
        })
        .collect();
    let mut accepted = 0;
    for submission in submissions {
        match submission.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(error) => assert!(matches!(error, Error::BudgetSpent { .. }), "{error}"),
        }
    }
    assert_eq!(accepted, 5);
}

async fn a_budget_of_a_period_comes_back(setup: Setup) {
    let queue = setup.queue().await;
    let budget = ([1; 32].into(), Budget::new(1, Some(Duration::from_secs(2))));
    queue.submit(&setup.request(), ROOM, Some(&budget)).await.unwrap();
    match queue.submit(&setup.request(), ROOM, Some(&budget)).await {
        Err(Error::BudgetSpent { seconds: Some(s), .. }) => assert!((1..=2).contains(&s), "{s}"),
        other => panic!("expected a budget that is spent, found {other:?}"),
    }
    tokio::time::sleep(Duration::from_millis(2200)).await;
    queue.submit(&setup.request(), ROOM, Some(&budget)).await.unwrap();
}

async fn what_was_given_up_is_on_no_budget(setup: Setup) {
    let queue = setup.queue().await;
    let soon = Asked {
        expiry: unix_now() + 1,
        ..asked([1, 2, 3])
    };
    let request = setup.pending(soon).envelope().clone();
    queue.submit(&request, ROOM, Some(&on(1, 1))).await.unwrap();
    queue
        .submit(&setup.request(), ROOM, Some(&on(1, 1)))
        .await
        .unwrap_err();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    // It expires, and its content is forgotten at once.
    for _ in 0..2 {
        queue.tidy(Duration::ZERO).await.unwrap();
    }
    let status = queue.status(&request.header.request_id).await.unwrap();
    assert_eq!(status.state, State::Purged);
    queue
        .submit(&setup.request(), ROOM, Some(&on(1, 1)))
        .await
        .unwrap();
}
