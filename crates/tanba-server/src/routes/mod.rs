//! The API's routes, one file per resource. A new one is a file, a line in [`all`], and a row in the tests' table of
//! routes and roles.

mod access;
mod candidates;
mod consents;
mod data_tracker;
mod documents;
mod encounters;
mod erasures;
mod error_rates;
mod files;
mod follow_up;
mod genomic;
mod institutions;
mod law;
mod notices;
pub(crate) mod passkeys;
mod prints;
mod refusals;
mod reviews;
mod revisions;
mod sanctions;
mod services;
mod sessions;
mod supervision;
pub(crate) mod transparency;
mod watches;

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::gate::{BODY_BYTES, IMAGE_BODY_BYTES};
use crate::state::ServerState;

/// Every documented route.
pub(crate) fn all() -> OpenApiRouter<ServerState> {
    let plain = OpenApiRouter::new()
        .routes(routes!(sessions::sign_in, sessions::sign_out))
        .routes(routes!(sessions::me))
        .routes(routes!(institutions::add_organisation))
        .routes(routes!(institutions::add_site))
        .routes(routes!(institutions::add_station))
        .routes(routes!(institutions::add_account))
        .routes(routes!(institutions::disable_account))
        .routes(routes!(services::add_service))
        .routes(routes!(services::end_service))
        .routes(routes!(services::lock_own_biometrics))
        .routes(routes!(services::release_own_lock))
        .routes(routes!(services::lock_at_counter))
        .routes(routes!(notices::choose_notices))
        .routes(routes!(services::release_at_counter))
        .routes(routes!(passkeys::issue_passkey_code))
        .routes(routes!(passkeys::own_passkeys, passkeys::bind_passkey))
        .routes(routes!(passkeys::begin_passkey_binding))
        .routes(routes!(passkeys::remove_passkey))
        .routes(routes!(passkeys::begin_session_proof))
        .routes(routes!(passkeys::prove_session))
        .routes(routes!(passkeys::begin_approval))
        .routes(routes!(passkeys::open_acts, passkeys::approve))
        .routes(routes!(erasures::waiting_erasures))
        .routes(routes!(erasures::release_erasures))
        .routes(routes!(encounters::open_encounter))
        .routes(routes!(encounters::view_encounter))
        .routes(routes!(encounters::postpone_prints))
        .routes(routes!(consents::consent_texts))
        .routes(routes!(consents::record_consent))
        .routes(routes!(consents::identify_guardian))
        .routes(routes!(consents::confirm_guardian))
        .routes(routes!(encounters::record_exemption))
        .routes(routes!(encounters::search_namesakes))
        .routes(routes!(encounters::record_name_finding))
        .routes(routes!(prints::state_finger, prints::unstate_finger))
        .routes(routes!(prints::accept_quality))
        .routes(routes!(prints::complete))
        .routes(routes!(documents::apply_for_document))
        .routes(routes!(documents::view_document))
        .routes(routes!(documents::personalise_document))
        .routes(routes!(documents::document_happened))
        .routes(routes!(refusals::record_refusal))
        .routes(routes!(refusals::decide_refusal))
        .routes(routes!(refusals::fine_paid))
        .routes(routes!(refusals::appeal_refusal))
        .routes(routes!(refusals::close_appeal))
        .routes(routes!(candidates::candidate_tasks))
        .routes(routes!(candidates::comparison_material))
        .routes(routes!(candidates::lock_markings))
        .routes(routes!(candidates::judge))
        .routes(routes!(revisions::propose_revision))
        .routes(routes!(revisions::apply_revision))
        .routes(routes!(revisions::reject_revision))
        .routes(routes!(reviews::open_reviews))
        .routes(routes!(reviews::close_review))
        .routes(routes!(access::open_case))
        .routes(routes!(access::enter_sanction))
        .routes(routes!(sanctions::enter_signed_sanction))
        .routes(routes!(follow_up::revoke_sanction))
        .routes(routes!(sanctions::sanction_keys, sanctions::propose_sanction_key))
        .routes(routes!(sanctions::decide_sanction_key))
        .routes(routes!(sanctions::revoke_sanction_key))
        .routes(routes!(follow_up::record_prior_search))
        .routes(routes!(follow_up::urgent_reviews))
        .routes(routes!(follow_up::decide_urgent_review))
        .routes(routes!(follow_up::recipient_orders))
        .routes(routes!(follow_up::acknowledge_order))
        .routes(routes!(follow_up::export_answer))
        .routes(routes!(follow_up::check_export))
        .merge(genomic::all())
        .routes(routes!(transparency::own_record))
        .routes(routes!(data_tracker::find_usage))
        .routes(routes!(data_tracker::usage_period))
        .routes(routes!(data_tracker::heartbeat))
        .routes(routes!(transparency::prove_own_entries))
        .routes(routes!(transparency::decide_to_stay))
        .routes(routes!(transparency::withdraw_consent))
        .routes(routes!(transparency::withdraw_genomic_consent))
        .routes(routes!(transparency::supervise))
        .routes(routes!(transparency::deletion_plans))
        .routes(routes!(error_rates::error_rates))
        .routes(routes!(error_rates::count_error_rates))
        .routes(routes!(error_rates::threshold_proposals, error_rates::propose_threshold))
        .routes(routes!(error_rates::decide_threshold))
        .routes(routes!(supervision::law_deliveries))
        .routes(routes!(supervision::acknowledge_law))
        .routes(routes!(supervision::breaches, supervision::open_breach))
        .routes(routes!(supervision::take_breach_step))
        .routes(routes!(supervision::notes))
        .routes(routes!(supervision::returns))
        .routes(routes!(supervision::answer_note))
        .routes(routes!(watches::watches, watches::begin_watch))
        .routes(routes!(watches::renew_watch))
        .routes(routes!(watches::end_watch))
        .routes(routes!(follow_up::exports))
        .routes(routes!(follow_up::directions))
        .routes(routes!(transparency::prove))
        .layer(DefaultBodyLimit::max(BODY_BYTES));
    let with_images = OpenApiRouter::new()
        .routes(routes!(prints::capture))
        .routes(routes!(encounters::record_hands))
        .routes(routes!(access::ask))
        .routes(routes!(services::verify_for_service))
        .routes(routes!(error_rates::add_evaluation))
        .routes(routes!(files::open_file))
        .routes(routes!(files::convert_file))
        .layer(DefaultBodyLimit::max(IMAGE_BODY_BYTES));
    plain.merge(with_images)
}
