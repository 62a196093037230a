//! Data types of `thousandeyes`.
