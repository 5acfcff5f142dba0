//! The URL of a Lambda function. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::resources::lambda::FunctionUrls;
use shared::resources::lambda::function_url::FunctionUrl;

living!(FunctionUrls);

impl Fake for FunctionUrls {
    fn put(url: &mut FunctionUrl, is_signed: bool) {
        url.is_signed = Observed::Known(is_signed);
    }

    /// `GetFunctionUrlConfig`
    fn answer(value: &Value) -> FunctionUrl {
        answered::<Self>(value)
    }

    fn line(url: &FunctionUrl) -> String {
        format!("{} signed: {}", url.function, url.is_signed == Observed::Known(true))
    }

    fn is_of(url: &FunctionUrl, arn: &String) -> bool {
        url.function == *arn
    }

    fn subject() -> String {
        "arn:aws:lambda:eu-central-1:111122223333:function:orders".to_owned()
    }
}
