/**
 * A model server in a process of its own, so that it can really be killed. Answers its first question with the text given, begins
 * every other answer and leaves it there. Prints its port, then a line for each question.
 */
import { createServer } from 'node:http';

const [, , text] = process.argv;
let asked = 0;
const piece = (content, reason) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: reason }] })}\n\n`;
const server = createServer(async (request, response) => {
  for await (const _ of request);
  asked += 1;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (asked === 1) response.end(`${piece(text, 'stop')}data: [DONE]\n\n`);
  else response.write(piece('{"thought": "I will', null), () => console.log(`asked ${asked}`));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
