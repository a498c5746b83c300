"""Letters of the office: notices, decisions and the electronic permit, made from facts and kept as bytes."""
