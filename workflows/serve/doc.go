// Package serve answers questions about pictures of candidates over HTTP, by the
// Open Inference Protocol (version 2, REST) with its extension for binary
// tensors.
//
// A request is read and checked whole before anything is asked of a network:
// names, datatypes, shapes, sizes, values. Its rows (pictures, or alt sets) then
// wait in a queue of bounded length, from which goroutines take batches across
// requests: a batch is what waits, up to its most rows; where that is less, it
// waits a moment for company. What is said of a row depends on that row, or on
// its site, alone: batches change no bit of an answer.
//
// Nothing grows with the number of clients: bodies are counted in bytes before
// they are read, rows before they wait, and who finds no room is told when to try
// again.
package serve
