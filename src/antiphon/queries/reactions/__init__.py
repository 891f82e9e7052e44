"""What came back from readers: one reader's own answers, the figures of texts, replies, and addresses left alone."""
