"""Claims a delivery, checks it is still wanted, sends it, records the outcome."""
