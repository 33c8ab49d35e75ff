//! Exercises of a training register: a story, a number to use, and a score from what really happened.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{Exercise, ExercisePerson, ExerciseScore, TrainingStanding};

use super::super::{Answer, Page, Sent, SignedIn, arg, render, see};
use crate::problem::Refusal;
use crate::state::ServerState;

/// The invented people of a training register, by exercise.
pub trait TrainingPeople: Send + Sync {
    /// How many people an exercise has.
    fn people(&self, exercise: Exercise) -> u64;

    /// One of them, from 0.
    fn person(&self, exercise: Exercise, slot: u64) -> Option<TrainingPerson>;
}

/// Somebody who does not exist, and comes to the counter in an exercise.
#[derive(Debug, Clone)]
pub struct TrainingPerson {
    /// What the score is about.
    pub subject: ExercisePerson,
    /// The name to call.
    pub name: String,
    /// The guardian who comes along.
    pub guardian: Option<TrainingGuardian>,
}

/// The guardian of an exercise person.
#[derive(Debug, Clone)]
pub struct TrainingGuardian {
    /// The name.
    pub name: String,
    /// The identification number.
    pub iin: String,
    /// The number of the document that they show.
    pub document: String,
}

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/training", get(board))
        .route("/training/{exercise}", get(page))
        .route("/training/{exercise}/begin", post(begin))
        .route("/training/{exercise}/score", post(score))
}

#[derive(Template)]
#[template(path = "oversight/training.html")]
struct Board {
    p: Page,
    standings: Vec<TrainingStanding>,
    sentence: String,
}

async fn board(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    people_of(&state)?;
    let standings = signed.registry.training_board(&signed.actor).await?;
    let p = Page::new(&state, &signed, "oversight", "training-title");
    let done = standings.iter().filter(|s| s.best.is_some()).count();
    let points: u32 = standings.iter().filter_map(|s| s.best).sum();
    render(&Board {
        sentence: p.tn(
            "training-sentence",
            [arg("done", done as i64), arg("n", standings.len() as i64), arg("points", i64::from(points))],
        ),
        standings,
        p,
    })
}

#[derive(Template)]
#[template(path = "oversight/exercise.html")]
struct ExercisePage {
    p: Page,
    exercise: &'static str,
    best: Option<u32>,
    person: Option<TrainingPerson>,
    last: Option<ExerciseScore>,
    /// Its points in words.
    points: String,
    steps: Vec<String>,
}

async fn page(State(state): State<ServerState>, signed: SignedIn, Path(name): Path<String>) -> Answer {
    let exercise = exercise_of(&name)?;
    let people = people_of(&state)?;
    let standing = signed
        .registry
        .training_board(&signed.actor)
        .await?
        .into_iter()
        .find(|s| s.exercise == exercise)
        .ok_or_else(no_such_exercise)?;
    let p = Page::new(&state, &signed, "oversight", "training-title");
    let key = exercise.name().replace('_', "-");
    let steps = (1..=6).filter_map(|n| p.lang.find(&format!("training-{key}-step-{n}"), &[])).collect();
    render(&ExercisePage {
        exercise: exercise.name(),
        best: standing.best,
        person: standing.current.and_then(|run| people.person(exercise, run.slot)),
        points: standing.last.as_ref().map_or_else(String::new, |score| {
            let (n, of) = (i64::from(score.points), i64::from(score.possible));
            p.tn("training-points", [arg("n", n), arg("of", of)])
        }),
        last: standing.last,
        steps,
        p,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn begin(
    State(state): State<ServerState>,
    signed: SignedIn,
    Path(name): Path<String>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Answer {
    let exercise = exercise_of(&name)?;
    let people = people_of(&state)?.people(exercise);
    signed.registry.begin_exercise(&signed.actor, exercise, people).await?;
    see(&format!("/training/{}", exercise.name()))
}

async fn score(
    State(state): State<ServerState>,
    signed: SignedIn,
    Path(name): Path<String>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Answer {
    let exercise = exercise_of(&name)?;
    let people = people_of(&state)?;
    let board = signed.registry.training_board(&signed.actor).await?;
    let current = board.into_iter().find(|s| s.exercise == exercise).and_then(|s| s.current);
    // Pressed twice, the second press finds the turn over and the score on the page.
    if let Some(person) = current.and_then(|run| people.person(exercise, run.slot)) {
        signed.registry.score_exercise(&signed.actor, exercise, &person.subject).await?;
    }
    see(&format!("/training/{}#score", exercise.name()))
}

fn people_of(state: &ServerState) -> Result<&dyn TrainingPeople, Refusal> {
    state.face().exercises.as_deref().ok_or_else(|| {
        Refusal::new(
            StatusCode::CONFLICT,
            "not_training",
            "this register is not for training: exercises are done in a register of their own (`tanba train`)",
        )
    })
}

fn exercise_of(name: &str) -> Result<Exercise, Refusal> {
    Exercise::from_name(name).ok_or_else(no_such_exercise)
}

fn no_such_exercise() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "not_found", "there is no such exercise: open the list of exercises")
}
