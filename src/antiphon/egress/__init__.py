"""The only room that opens outbound sockets."""
