//! What the search must answer, on small indexes whose articles stand here.

mod excluded;
mod fixture;
mod language;
mod naive;
mod pages;
mod places;
mod short_ways;
mod similar;
mod trends;
mod truth;
mod views;
