//! A model that takes every input.

use super::{HOSTILE, hostile};
use crate::private_inference::site::{Site, Subject, bound};
use crate::report::Figure;
use crate::workshop::Workshop;
use anyhow::{Result, ensure};
use zkml::{FloatTensor, ParamVisibility, Progress};
use zkml_network::{Asked, Engine, OpenRequest, Outcome, PendingRequest, unix_now};

/// Inputs that are proven, too.
const PROVEN: usize = 10;

/// Runs the MNIST MLP on hostile inputs, fills its circuit with each run, and has some of them proven.
pub fn measure(workshop: &mut Workshop) -> Result<Figure> {
    let subject = Subject::mlp()?;
    let options = bound(ParamVisibility::Committed);
    let model = subject
        .model
        .compile(subject.calibration(), &options, &Progress::none())?;
    ensure!(!model.can_refuse(), "the model is one that may refuse");
    // Publishing it takes no permission.
    let site = Site::new()?;
    let offer = site.publish(workshop, subject, &options)?;
    let manifest = offer.prover.manifest();
    ensure!(
        !manifest.body().may_refuse,
        "the manifest says that the model may refuse"
    );
    let schema = &manifest.body().inputs[0];
    let step = schema.real_range().0 / schema.range().0 as f64;
    let (mut filled, mut proven) = (0, 0);
    for (number, picture) in hostile::pictures(schema, HOSTILE).into_iter().enumerate() {
        let values = picture.iter().map(|q| (*q as f64 * step) as f32).collect();
        let input = FloatTensor::from_shape_vec(schema.shape.clone(), values)?;
        // Every cell has its place: no value is too wide for its own.
        filled += usize::from(model.halo2_circuit(&[input]).is_ok());
        if number % (HOSTILE / PROVEN) == 0 {
            let asked = Asked {
                inputs: vec![picture],
                expiry: unix_now() + 3600,
                evm: None,
                identity: None,
            };
            let request = PendingRequest::new(manifest, asked)?;
            let open = OpenRequest::from(&request);
            if let Outcome::Answer(answer) =
                offer
                    .prover
                    .answer(&request.binding(), &open, &Progress::none())?
            {
                offer.published().check_answer(&request, &answer, unix_now())?;
                proven += 1;
            }
        }
    }
    Ok(Figure::new(
        filled == HOSTILE && proven == PROVEN,
        format!("{filled} of {HOSTILE} filled their circuit, {proven} of {PROVEN} proven and checked"),
    ))
}
