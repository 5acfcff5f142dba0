//! DNSSEC signing of a hosted zone stays enabled.
use shared::engine::setting::prelude::*;

const READ: Permission = Permission::on("route53:GetDNSSEC", &["route53:::hostedzone/*"]);
const ENABLE: Permission = Permission::on("route53:EnableHostedZoneDNSSEC", &["route53:::hostedzone/*"]);
const DISABLE: Permission = Permission::on("route53:DisableHostedZoneDNSSEC", &["route53:::hostedzone/*"]);

/// DNSSEC signing of hosted zones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ZoneSigning;

/// A hosted zone, and whether it is signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    pub id: String,
    pub is_signed: bool,
}

impl Setting for ZoneSigning {
    type Key = String;
    type State = Zone;
    type Subject = String;
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "route53-zone-signing";
    const STRICTEST: bool = true;
    const IS_GLOBAL: bool = true;
    const READS: &'static [Permission] = &[READ];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "hosted-zone-signing-off",
        catalogue_id: "DNS-01",
        title: "DNSSEC signing of a hosted zone is disabled",
        description: "DNSSEC signing of a public hosted zone was disabled.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &[],
        technique: "T1584.002",
        triggers: &["DisableHostedZoneDNSSEC"],
        remediation: "Enables signing again. Records and key-signing keys stay as they are.",
        actions: &[ENABLE],
        ids: &["arn:%:route53:::hostedzone/%"],
        not_watched: &[("DeactivateKeySigningKey", "Route 53 refuses it for the last key of a signed zone")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(true, &["enable"], ENABLE, "sign {}", "aws route53 enable-hosted-zone-dnssec --hosted-zone-id {}"),
        Call::new(
            false,
            &["disable"],
            DISABLE,
            "stop signing {}",
            "aws route53 disable-hosted-zone-dnssec --hosted-zone-id {}",
        ),
    ];

    /// The request names the zone; a call that succeeded has disabled its signing.
    fn changed_by(event: &Event) -> Result<Vec<Target<String, Zone>>, Unlocatable> {
        if !event.is_one_of("route53.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no hosted zone");
        let id = event.request.text(&["hostedZoneId"]).ok_or_else(unnamed)?.to_owned();
        Ok(vec![Target { key: id.clone(), proven: Some(Zone { id, is_signed: false }), changed: None }])
    }

    fn named(id: &String, Place { partition, .. }: &Place) -> Resource {
        Resource { id: format!("arn:{partition}:route53:::hostedzone/{id}"), kind: "Other", name: id.clone() }
    }

    fn shown(zone: &Zone) -> Shown<String, bool> {
        Shown::of(zone.id.clone(), zone.is_signed, "DNSSEC signing")
    }

    fn why(zone: &Zone, _: &Terms<'_>) -> String {
        format!("DNSSEC signing of hosted zone `{}` is disabled", zone.id)
    }
}
