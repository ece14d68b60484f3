"""What a design in HTML begins with: a page that may be published as it is."""

HTML = """<style>
@page { size: a4 landscape; margin: 18mm }
p { margin: 0 0 4mm; text-align: center; font-family: "Noto Sans"; font-size: 12pt }
p.title { font-family: "EB Garamond"; font-size: 30pt; color: #0b5c6b; margin-top: 12mm }
p.name { font-family: "EB Garamond"; font-size: 36pt }
p.small { font-size: 8pt }
</style>
<p class="title">Certificate</p>
<p>This is to certify that</p>
<p class="name">{{ recipient_name }}</p>
<p>has completed the course</p>
<p><b>{{ course_title }}</b></p>
<p>on {{ completed_on }}</p>
{{#if grade}}<p>Grade: {{ grade }}</p>{{/if}}
<p><img data-field="qr" alt="QR code" style="width: 28mm; height: 28mm"></p>
<p class="small">{{ verify_url }}</p>
"""
