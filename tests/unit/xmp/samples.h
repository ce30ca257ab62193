// Packets that tests read.
#pragma once

namespace lensfs::xmp::test {

// As Lightroom writes it: attributes, and things that nobody here knows.
inline constexpr const char* kLightroom = R"(<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp='http://ns.adobe.com/xap/1.0/'
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:own="http://example.org/own/"
   xmp:Rating="3"
   xmp:Label="Red &amp; blue"
   own:thing='kept "as" it is'
   crs:Exposure2012="+0.35">
   <dc:title>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">Goal</rdf:li>
     <rdf:li xml:lang="de">Tor</rdf:li>
    </rdf:Alt>
   </dc:title>
   <!-- somebody's note -->
   <dc:subject>
    <rdf:Bag>
     <rdf:li>Oslo</rdf:li>
     <rdf:li>place</rdf:li>
     <rdf:li>winter</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>place|Oslo</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
   <own:deep rdf:parseType="Resource"><own:a>1</own:a>  <own:b x="y"/></own:deep>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>)";

// As Premiere keeps markers.
inline constexpr const char* kMarkers = R"(<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/" xmpDM:scene="12A">
   <xmpDM:Tracks><rdf:Bag><rdf:li rdf:parseType="Resource">
     <xmpDM:trackName>Markers</xmpDM:trackName><xmpDM:trackType>Comment</xmpDM:trackType>
     <xmpDM:frameRate>f254016000000</xmpDM:frameRate>
     <xmpDM:markers><rdf:Seq>
      <rdf:li rdf:parseType="Resource"><xmpDM:startTime>508032000000</xmpDM:startTime><xmpDM:duration>254016000000</xmpDM:duration><xmpDM:name>goal</xmpDM:name><xmpDM:comment>the second one</xmpDM:comment></rdf:li>
      <rdf:li><rdf:Description xmpDM:startTime="0" xmpDM:name="start"/></rdf:li>
     </rdf:Seq></xmpDM:markers>
   </rdf:li></rdf:Bag></xmpDM:Tracks>
   <xmpDM:startTimecode xmpDM:timeValue="01:00:00:00" xmpDM:timeFormat="25Timecode"/>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>)";

}  // namespace lensfs::xmp::test
