-- LensFS catalog, schema 11: scratch files in terms.

-- What is aside and has no place: it lies in a term, or somebody has it open.
CREATE INDEX assets_without_place ON assets (id) WHERE state = 1 AND places = 0;
